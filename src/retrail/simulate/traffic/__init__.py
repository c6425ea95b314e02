"""A scenario without pixels: who is in front of which camera when, and what an encoder would make of them.

Days of traffic and thousands of cameras in minutes. People follow their plans along the same ways as in the pictures,
but do not give way to each other; what hides somebody is walls and high furniture, not people.
"""
