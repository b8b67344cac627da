"""Small closed word lists of English: what carries grammar, number, denial, modality, and the names of countries.

Open-class words are not listed anywhere; they are compared by stem. Texts in other languages pass through the same
code with numbers, capitals and stems only.
"""

from __future__ import annotations

FUNCTION_WORDS = frozenset(
    """a an the this that these those some any each every either neither both all such same own other another
    i me my mine myself we us our ours ourselves you your yours yourself he him his himself she her hers herself
    it its itself they them their theirs themselves one ones who whom whose which what where when why how
    and or but nor so yet if then than as because while whereas although though unless until since once whether
    of in on at by for with from to into onto upon about over under above below between among through during before
    after against within without toward towards across along around behind beside besides beyond near off out up down
    per via amid amongst including regarding despite except like unlike also too very just only even still already
    again further more most less least fewer due owing much many few several lot lots rather quite almost nearly here
    there is am are was were be been being do does did doing done have has had having will would shall should can could
    may might must ought need dare not no never s t d ll re ve m
    said says say saying told tells tell according added adds noted notes well now today currently new there
    however moreover meanwhile roughly approximately circa thus therefore etc mr mrs ms""".split()
)
"""Words that carry no content of their own: not counted in coverage."""

BE = frozenset("is are was were be been being am".split())
"""Forms of “to be”: before a participle they make a passive."""

QUESTION_VERBS = frozenset("happen happened happening happens take place took mean means think".split())
"""Verbs that ask and do not tell: an answer to “what happened to the library?” need not hold them."""

NEGATORS = frozenset(
    """not no never none nobody nothing neither nor without cannot nowhere hardly unable
    ne pas jamais aucun aucune nicht kein keine keinen keinem keiner nie nunca jamas ningun ninguna non mai nessun
    nessuno nessuna nao niet geen inte ingen aldrig ikke не нет ни никогда ні жодного 不 没 沒 未 无 無""".split()
)
"""Words that deny what follows them: English ones, and those of languages that news come in, folded."""

EVIDENCE = frozenset("evidence proof sign signs indication reason basis truth suggestion".split())
"""Nouns that, with “no” before them, deny all that their sentence goes on to say."""

DOUBTS = frozenset(
    """debunk debunked debunks disproved refuted hoax myth lie lies falsehood falsely untrue fabricated baseless
    unfounded unproven unsubstantiated misleading fake wrongly incorrectly mistakenly disinformation misinformation
    rumour rumor""".split()
)
"""Words that cast doubt on what their sentence reports."""

MINDS = frozenset(
    """expect expects expected expecting plan plans planned planning think thinks thought believe believes believed want
    wants wanted intend intends intended anticipate anticipates anticipated foresee foresees foresaw foreseen envisage
    envisages envisaged""".split()
)
"""Verbs of thinking and wanting: when they are denied, so is what they lead to ("does not expect it to rise")."""

THOUGHTS = frozenset(
    """hope fear believe think suspect wish claim allege imagine pretend assume presume suppose guess reckon speculate
    wonder doubt dream rumour rumor""".split()
)
"""Verbs, and nouns before “that”, of what is hoped, feared, doubted or held, and not said to be so."""

FORECASTS = frozenset("expect want predict forecast anticipate".split())
"""The same, but that what “is expected to” happen is told as what will happen."""

UNSURE_NOUNS = frozenset(
    """theory theories hypothesis rumour rumours rumor rumors idea notion belief speculation suspicion suspicions legend
    possibility chance prospect risk concern concerns worry worries allegation allegations""".split()
)
"""Nouns before “that”, or behind “according to”, that leave open what follows."""

RELATIONS = frozenset(
    """wife husband son sons daughter daughters brother brothers sister sisters mother father parents widow widower
    nephew niece uncle aunt cousin grandson granddaughter fiance fiancee girlfriend boyfriend partner friend friends
    lawyer lawyers attorney aide aides adviser advisers advisor deputy assistant colleague colleagues neighbour
    neighbor opponent opponents rival rivals critic critics supporter supporters successor predecessor killer victim
    bodyguard driver doctor""".split()
)
"""Nouns for somebody who is somebody else's: what they do or suffer, the other one does not."""

WHOLE = frozenset("all every each entire whole".split())
PART = frozenset("some few several many most half part".split())

TAKING_SIDES = frozenset("vote argu testifi campaign ralli fight rule protest demonstr lobbi speak".split())
"""Stems of verbs that go with “for” or “against”."""

BENDING = frozenset(
    """former ex acting deputy vice would-be almost nearly virtually tried attempted attempting threatened threatening
    vowed supposed purported so-called""".split()
)
"""Words that make the next one less than it says."""

BENDING_ALIKE = (frozenset("almost nearly virtually".split()), frozenset("former ex".split()))
"""Those of them that say the same."""

DONE_TO = frozenset(
    """kill attack arrest sue accus beat defeat shoot hit fine charg elect appoint hire dismiss acquit convict invad
    buy acquir injur wound rescu blame critic prais bomb murder kidnap fire sack rob stab strike""".split()
)
"""Stems of verbs that somebody does to somebody: being the one or the other is not the same."""

DENIALS = frozenset(
    """reject refus deni block oppos dismiss ban forbid prohibit prevent cancel abandon halt fail avoid withdraw exclud
    lack scrap shelv ditch axe veto repeal abolish revok quash thwart foil rebuff spurn scupper overturn""".split()
)
"""Stems of verbs that deny what they are done to; a claim that uses the verb itself agrees with it.

“Turn down” and “call off” are read as one of these, see :data:`PHRASES`.
"""

PHRASES = {
    phrase: verb
    for verb, phrases in (
        line.strip().split(": ")
        for line in """
        reject: turn ~ down|vote ~ down|throw ~ out|wave ~ away|wave ~ aside|brush ~ aside|brush ~ off|say no to
        overturn: strike ~ down
        down: shoot ~ down
        cancel: call ~ off|pull plug on
        abandon: give ~ up|walk away from|back away from|shy away from|back out|back out of|back down|turn back on
        abandon: go back on|do away with|drop OBJECT
        withdraw: pull out of|drop out|drop out of|opt out|opt out of|bow out of|stay out of|stay away from
        withdraw: steer clear of
        exclude: rule ~ out
        refuse: stop short of|decline to|decline OBJECT|hold back from
        fail: fall short|fall short of|fall through|fall apart|come to nothing|miss out on|lose out on
        postpone: put ~ off|hold off|push ~ back
        sack: lay ~ off
        resign: step down|stand down
        close: shut ~ down|close ~ down
        join: sign up
        keep: hold on to|hang on to
        acquire: take ~ over
        establish: set ~ up
        perform: carry ~ out
        lower: bring ~ down
        participate: take part
        return: give ~ back|hand ~ back
        restore: bring ~ back
        discover: find out
        end: break ~ off
        """.strip().splitlines()
    )
    for phrase in phrases.split("|")
}  # fmt: skip
"""Verbs of several words, each with the one verb that it is read as; see :mod:`toolkit.language.phrases`.

``~`` stands where an object may stand (“called the strike off”), ``OBJECT`` for the word that opens one, which tells
“dropped the charges” from “prices dropped”.
"""

FUTURE = frozenset("will shall ll plans planned intends intend expected set due would wants".split())
POSSIBLE = frozenset(
    """might may could can perhaps possibly maybe potentially possible likely consider considering considered discuss
    discussed discussing weigh weighing proposed proposes propose proposal option explore exploring hopes hoped if
    whether uncertain unclear would should reportedly""".split()
)

AUXILIARIES = frozenset("is was has had will would can could may might should must does did said says told".split())
"""Words that, behind the first word of a sentence, say that it acts."""

NUMBER_WORDS = {
    **{w: float(i) for i, w in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen""".split())},
    **{w: 10.0 * i for i, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)},
    "dozen": 12.0,
}  # fmt: skip
"""Numbers in words; “one” counts as a number only beside a unit or a multiplier."""

MULTIPLIERS = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
    "hundreds": 1e2, "thousands": 1e3, "millions": 1e6, "billions": 1e9, "trillions": 1e12,
    "dozen": 12.0, "dozens": 12.0,
    "k": 1e3, "m": 1e6, "mn": 1e6, "bn": 1e9, "tn": 1e12,
}  # fmt: skip

APPROXIMATE = frozenset("about around roughly approximately nearly almost some circa estimated".split())

MONTHS = {
    name: number
    for number, names in enumerate(
        """january jan|february feb|march|april apr|may|june jun|july jul|august aug|september sept sep|october oct
        |november nov|december dec""".split("|"),
        1,
    )
    for name in names.split()
}
WEEKDAYS = {
    name: number for number, name in enumerate("monday tuesday wednesday thursday friday saturday sunday".split(), 1)
}
RELATIVE_TIMES = frozenset("yesterday today tomorrow tonight last next".split())

IRREGULAR_PAST = {
    past: base
    for base, pasts in (
        pair.split(":")
        for pair in """
        be:was,were,been become:became begin:began,begun bind:bound blow:blew,blown break:broke,broken
        bring:brought build:built buy:bought catch:caught choose:chose,chosen come:came cut:cut deal:dealt
        draw:drew,drawn drive:drove,driven eat:ate,eaten fall:fell,fallen feel:felt fight:fought find:found
        flee:fled fly:flew,flown forget:forgot,forgotten freeze:froze,frozen get:got,gotten give:gave,given
        go:went,gone grow:grew,grown have:had hear:heard hide:hid,hidden hold:held keep:kept know:knew,known
        lay:laid lead:led leave:left lend:lent lose:lost make:made mean:meant meet:met pay:paid
        ride:rode,ridden ring:rang,rung rise:rose,risen run:ran say:said see:saw,seen seek:sought sell:sold
        send:sent shake:shook,shaken shoot:shot show:shown sing:sang,sung sink:sank,sunk sit:sat sleep:slept
        speak:spoke,spoken spend:spent stand:stood steal:stole,stolen stick:stuck strike:struck
        swear:swore,sworn swim:swam,swum swing:swung take:took,taken teach:taught tear:tore,torn tell:told
        think:thought throw:threw,thrown understand:understood wake:woke,woken wear:wore,worn win:won
        wind:wound withdraw:withdrew,withdrawn write:wrote,written do:did,done bear:bore,borne
        arise:arose,arisen""".split()
    )
    for past in pasts.split(",")
}
"""Past forms that a stemmer does not bring together with their verb."""

SYNONYMS = {
    word: words.split()[0]
    for words in (
        "send dispatch deploy go move",
        "soldier troop serviceman servicemen",
        "agreement accord deal pact",
        "country nation state",
        "kill dead death die fatality fatalities",
        "hurt injure injured wound wounded",
        "buy purchase acquire",
        "increase rise grow climb",
        "fall drop decline decrease",
        "begin start launch commence",
        "end finish conclude",
        "big large huge",
        "help aid assist assistance",
        "car vehicle automobile",
        "child kid children kids",
        "person people persons",
        "company firm business",
        "talk negotiation discussion",
        "leader head chief",
    )
    for word in words.split()
}
"""Everyday news synonyms: the first of each line stands for all; compared after stemming."""

_COUNTRIES = """uk:british,britain,briton,britons|england:english|usa:american,americans,america|france:french
germany:german,germans|poland:polish,pole,poles|russia:russian,russians|ukraine:ukrainian,ukrainians|china:chinese
europe:european,europeans|italy:italian,italians|spain:spanish,spaniard,spaniards|turkey:turkish,turk,turks,türkiye
netherlands:dutch|belgium:belgian,belgians|denmark:danish,dane,danes|sweden:swedish,swede,swedes|norway:norwegian,norwegians
finland:finnish,finn,finns|estonia:estonian,estonians|latvia:latvian,latvians|lithuania:lithuanian,lithuanians
romania:romanian,romanians|bulgaria:bulgarian,bulgarians|greece:greek,greeks|hungary:hungarian,hungarians
czechia:czech,czechs|slovakia:slovak,slovaks|slovenia:slovenian|croatia:croatian,croatians|serbia:serbian,serbs,serb
portugal:portuguese|ireland:irish|scotland:scottish,scots|wales:welsh|switzerland:swiss|austria:austrian,austrians
canada:canadian,canadians|mexico:mexican,mexicans|brazil:brazilian,brazilians|argentina:argentine,argentinian|chile:chilean
colombia:colombian|venezuela:venezuelan|cuba:cuban|peru:peruvian|japan:japanese|korea:korean,koreans|india:indian,indians
pakistan:pakistani,pakistanis|bangladesh:bangladeshi|indonesia:indonesian|philippines:philippine,filipino,filipinos
vietnam:vietnamese|thailand:thai|malaysia:malaysian|australia:australian,australians|zealand:zealander,zealanders
israel:israeli,israelis|palestine:palestinian,palestinians|iran:iranian,iranians|iraq:iraqi,iraqis|syria:syrian,syrians
lebanon:lebanese|jordan:jordanian|egypt:egyptian,egyptians|saudi:saudis|yemen:yemeni|qatar:qatari|afghanistan:afghan,afghans
libya:libyan|tunisia:tunisian|algeria:algerian|morocco:moroccan|sudan:sudanese|ethiopia:ethiopian|kenya:kenyan,kenyans
nigeria:nigerian,nigerians|ghana:ghanaian|africa:african,africans|somalia:somali|congo:congolese|rwanda:rwandan
uganda:ugandan|zimbabwe:zimbabwean|georgia:georgian|armenia:armenian|azerbaijan:azerbaijani|belarus:belarusian
moldova:moldovan|albania:albanian|kosovo:kosovar|bosnia:bosnian|iceland:icelandic|cyprus:cypriot|malta:maltese
luxembourg:luxembourgish|asia:asian|taiwan:taiwanese|mongolia:mongolian|nepal:nepali|haiti:haitian|jamaica:jamaican"""

DEMONYMS = {
    form: country
    for entry in _COUNTRIES.replace("\n", "|").split("|")
    for country, forms in [entry.split(":")]
    for form in (country, *forms.split(","))
}
"""Countries and their people's names, each to one name for the country."""

CONTINENTS = frozenset({"europe", "africa", "asia"})

ABBREVIATED_NAMES = {
    "u.s": "usa",
    "u.s.a": "usa",
    "us": "usa",
    "u.k": "uk",
    "uk": "uk",
    "e.u": "eu",
    "u.n": "un",
    "usa": "usa",
}
"""Abbreviations, in capitals in the text, that stand for a name."""

NAME_PAIRS = {
    ("united", "kingdom"): "uk", ("great", "britain"): "uk", ("united", "states"): "usa",
    ("european", "union"): "eu", ("united", "nations"): "un",
}  # fmt: skip

UNITS = frozenset("percent % euros euro dollars dollar pounds pound $ € £ per".split())

PERCENT = frozenset("% percent pct".split())

CURRENCIES = {
    word: unit
    for unit, words in (
        ("dollar", "$ dollar dollars usd"),
        ("euro", "€ euro euros eur"),
        ("pound", "£ pounds sterling gbp"),
        ("yen", "¥ yen jpy"),
        ("rouble", "rouble roubles ruble rubles"),
        ("yuan", "yuan renminbi cny"),
        ("rupee", "rupee rupees inr"),
        ("crown", "crown crowns krona kronor krone kroner koruna korunas nok sek dkk czk"),
        ("franc", "franc francs chf"),
        ("peso", "peso pesos"),
        ("lira", "lira liras lire"),
        ("zloty", "zloty zlotys pln"),
        ("forint", "forint forints huf"),
        ("hryvnia", "hryvnia hryvnias uah"),
        ("shekel", "shekel shekels"),
        ("rand", "rand zar"),
        ("naira", "naira"),
        ("shilling", "shilling shillings"),
        ("dirham", "dirham dirhams"),
        ("dinar", "dinar dinars"),
        ("riyal", "riyal riyals"),
        ("baht", "baht"),
        ("rupiah", "rupiah"),
        ("ringgit", "ringgit"),
        ("cent", "cent cents"),
        ("penny", "pence penny"),
    )
    for word in words.split()
}
"""Words and signs of money behind a number, each to its unit; without “won” and “real”, which mean something else."""

MONEY_SIGNS = frozenset("$ € £ ¥ usd eur gbp inr nok sek dkk czk chf pln huf uah zar".split())
"""Those that may stand before a number."""

PERSON_TITLES = frozenset(
    """president minister secretary chancellor premier king queen prince senator governor mayor general admiral
    ambassador chairman chairwoman chief director spokesman spokeswoman spokesperson commissioner dr professor
    pope judge justice official coach captain""".split()
)
"""Words beside a name that say it is a person's."""

SPEECH = frozenset("said says say saying told tells tell added adds noted notes announced claimed claims".split())
"""Verbs of saying: who said it is part of what is said."""

MUTUAL = frozenset(
    "meet met talk talks discuss discussion marri negoti agre agreement between border war fight play face".split()
)
"""Stems of what two sides do with each other: their order does not matter."""

CLAUSE_WORDS = frozenset("but while whereas although though because after before when if that who which whose".split())
"""Words that open a clause of its own."""

JOINING = frozenset("but and while whereas although though".split())

PREPOSITIONS = frozenset("of in on at by for with from to against over about".split())
"""What ties a noun to the words before it."""

FALSE_FRAMES = frozenset(
    "false untrue wrong unlikely doubt doubts doubted doubtful denies denied deny disputes disputed".split()
)
"""What denies the whole clause that “that” opens behind it."""

CONDITIONS = frozenset("if unless whether".split())
"""What makes the clause behind it hold on a condition only, or asks whether it does."""

HEDGING_FRAMES = CONDITIONS | frozenset("claims alleged alleges allegedly rumours rumors reportedly suggests".split())
"""What leaves open the clause behind it."""

ANTONYMS = tuple(
    tuple(pair.split(":"))
    for pair in """rise:fall increase:decrease increase:fall rise:decrease win:lose accept:reject support:oppose
    approve:reject agree:refuse agree:reject allow:ban allow:block open:close begin:end start:end start:stop
    strengthen:weaken gain:lose rise:drop rise:decline grow:shrink expand:shrink buy:sell arrive:leave enter:leave
    join:leave join:quit pass:fail succeed:fail confirm:deny admit:deny convict:acquit guilty:innocent
    arrest:release release:detain hire:dismiss appoint:dismiss lift:impose raise:lower raise:cut raise:reduce
    increase:reduce increase:cut widen:narrow improve:worsen praise:criticise praise:criticize welcome:condemn
    alive:dead survive:die remember:forget higher:lower more:fewer more:less above:below before:after north:south
    east:west first:last best:worst male:female man:woman legal:illegal advance:retreat attack:defend
    victory:defeat beat:lose profit:loss majority:minority up:down acquire:sell halt:resume ally:enemy
    import:export success:failure rich:poor early:late public:private men:women boy:girl""".split()
)
"""Words of the news that say the opposite of one another."""

LIKE_VERBS = tuple(
    """sack fire dismiss
    reject down
    abandon scrap ditch shelve axe
    cancel scrap axe abort
    reject refuse rebuff spurn dismiss veto
    quash overturn annul reverse
    approve endorse pass adopt
    back support endorse
    quit leave resign
    close shut
    postpone delay defer
    raise lift increase
    cut reduce lower slash trim
    fall decline slump plunge tumble shrink sink slip slide
    rise climb grow jump surge soar
    choose pick select
    arrest detain
    build construct
    end finish complete
    stop halt
    stage hold
    hit strike
    fail miss
    show reveal
    need require
    keep retain
    give grant
    get receive
    return restore
    criticise criticize condemn blame
    praise welcome
    agree accept
    say state""".splitlines()
)
"""Verbs that a paraphrase puts for one another, a line each. They tell whether a claim's verb is there, and no more."""

OPPOSITE_PREFIXES = ("un", "in", "im", "il", "ir", "dis", "non")
