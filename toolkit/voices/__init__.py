"""Who says what in a text: words of reporting, speakers, clauses; from them attributions, stances, actors, conflicts.

``attribution.attributions`` ties what is said to who says it; ``stances.stance_of`` tells what is meant by it;
``actors.unified`` gives each actor one name; ``conflicts.conflict`` and ``says_the_same`` hold two statements together.
"""
