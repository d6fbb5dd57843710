"""All that an output was made from, link by link: does each fit what the next was made from?"""
