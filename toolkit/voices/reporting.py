"""The words of reporting: verbs of saying and of taking a position, and what can and cannot stand around them.

Closed lists of English, beside those of :mod:`toolkit.language.lexicon`; :mod:`toolkit.voices.clauses` reads with them.
"""

from __future__ import annotations

SAYING = frozenset(
    """said says say told tells warned warns warn argued argues argue insisted insists insist announced announces
    explained explains stressed stresses replied replies wrote writes tweeted posted stated states declared declares
    remarked remarks joked jokes testified testifies commented urged concluded concludes predicted predicts complained
    complains""".split()
)
"""Verbs that report speech whatever follows them."""

CLAIMING = frozenset(
    """claimed claims claim noted notes note reported reports report suggested suggests suggest showed shows show found
    finds find revealed reveals reveal added adds add acknowledged acknowledges acknowledge admitted admits admit
    confirmed confirms confirm believes believe think thinks asked asks ask estimated estimates
    estimate alleged alleges allege contended contends contend maintained maintains observed observes recalled recalls
    recounted conceded concedes indicated indicates asserted asserts pointed continued continues""".split()
)
"""Verbs that report speech only before “that”, beside a quote, or before a clause with a verb of its own."""

NEED_THAT = frozenset(
    """continued continues conceded concedes concluded concludes asked asks ask pointed showed shows show recalled
    found finds find recalls observed observes wrote writes posted commented maintained maintains""".split()
)
"""Verbs that mean something else as well, and report speech only before “that” or beside a quote."""

POSITIONS = frozenset(
    """reject rejects rejected refuse refuses refused oppose opposes opposed back backs backed support supports
    supported deny denies denied vow vows vowed pledge pledges pledged promise promises promised demand demands demanded
    urge urges urged call calls called favour favours favoured favor favors favored welcome welcomes welcomed condemn
    condemns condemned criticise criticises criticised criticize criticizes criticized question questions questioned
    doubt doubts doubted discuss discusses discussed consider considers considered considering want wants wanted hope
    hopes hoped expect expects expected threaten threatens threatened signal signals signalled signaled endorse endorses
    endorsed rule rules ruled accuse accuses accused blame blames blamed praise praises praised propose proposes
    proposed dispute disputes disputed dismiss dismisses dismissed fear fears feared describe describes
    described""".split()
)
"""Verbs by which somebody takes a position without a verb of saying."""

BARE = frozenset(word for word in POSITIONS if not word.endswith(("s", "ed", "ing")))
PASSIVES = (SAYING | CLAIMING | POSITIONS | {"disclosed", "approved", "published"}) - {
    "found", "questioned", "asked", "told", "called", "ruled", "considered", "expected", "posted", "observed"
}  # fmt: skip
SKIPPED = frozenset(
    "has had have also later then once again recently previously yesterday today earlier now still since on".split()
)
AFTER_A_NAME = SAYING | CLAIMING | POSITIONS | SKIPPED | {"and", "himself", "herself", "itself"}
MODAL = frozenset("to will would can could may might must should not never no nor".split())
BOUNDARY = frozenset(
    """but as while because that when after before if though although so or than whether where until what how why this
    because unless despite""".split()
)
RELATIVE = frozenset("who which whose".split())
DETERMINERS = frozenset(
    """the a an one two three four five six seven eight nine ten some many several most both other another his her its
    their our my these those every each all no""".split()
)
PREPOSITIONS = frozenset(
    "in at on by for from with during since under over about amid among against within without despite of".split()
)
PRONOUNS = frozenset("he she they it".split())
NOBODY = frozenset(
    "no neither that this there which what who i we you these those needless nobody nothing everyone".split()
)
ASIDES = frozenset("for of from at run led based known born".split())
HYPOTHETICAL = frozenset("what whatever if whether unless than".split())
"""Words before “X said” after which X did not say, or not what stands there: “contrary to what X said, …”."""

OF_SAYING = frozenset(
    """statement interview email letter speech tweet post press news release conference briefing report reporters
    last next late early later earlier morning evening night week month year""".split()
)
"""Words around “X said” that tell when or how: “X said late on Monday in a statement”."""

NOT_SOURCES = frozenset("plan schedule tradition law custom size need taste age how what whether when".split())
NO_HEADLINE = frozenset(
    """explained explainer analysis opinion live watch update updated breaking exclusive photo photos video note editor
    title date author publisher url listen review profile read related more correction source sources credit q
    a""".split()
)
ASKING = frozenset("what how why when where who which the live five ten seven three here everything".split())
