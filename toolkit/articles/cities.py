"""Cities that agencies report from: what tells the dateline ``PARIS —`` from a subject such as ``HAMAS —``."""

from __future__ import annotations

CITIES = frozenset(
    """
    abidjan|abu dhabi|abuja|accra|addis ababa|aden|albany|aleppo|algiers|almaty|amman|amsterdam|anchorage|ankara
    annapolis|antananarivo|ashgabat|asmara|astana|asuncion|asunción|athens|atlanta|auckland|austin|baghdad|baku
    baltimore|bamako|bangkok|bangui|banjul|barcelona|basel|basra|beijing|beirut|belfast|belgrade|belmopan
    bengaluru|berlin|bern|birmingham|bishkek|bissau|bogota|bogotá|bonn|boston|brasilia|brasília|bratislava
    brazzaville|brisbane|brussels|bucharest|budapest|buenos aires|buffalo|bujumbura|cairo|calgary|canberra
    cape town|caracas|cardiff|charlotte|chennai|chicago|chisinau|cincinnati|cleveland|cologne|colombo|columbus
    conakry|copenhagen|dakar|dallas|damascus|dar es salaam|davos|delhi|denver|detroit|dhaka|dnipro|doha|donetsk
    dubai|dublin|dushanbe|düsseldorf|edinburgh|fallujah|florence|frankfurt|freetown|fukushima|gaborone|gaza
    gaza city|geneva|genoa|georgetown|glasgow|guatemala city|hague|haifa|hamburg|hanoi|harare|havana|helsinki
    ho chi minh city|hodeidah|homs|hong kong|honolulu|houston|hyderabad|idlib|indianapolis|irbil|erbil|irvine
    islamabad|istanbul|izmir|jakarta|jeddah|jenin|jerusalem|johannesburg|juba|kabul|kampala|kandahar|kansas city
    karachi|kathmandu|khan younis|khan yunis|kharkiv|khartoum|kherson|kiel|kiev|kigali|kingston|kinshasa|kolkata
    kramatorsk|kuala lumpur|kuwait city|kyiv|kyoto|lagos|lahore|las vegas|leeds|leipzig|libreville|lilongwe|lima
    lisbon|liverpool|ljubljana|lomé|london|los angeles|luanda|luhansk|lusaka|luxembourg|lviv|lyon|macau|madrid
    malé|managua|manama|manchester|manila|maputo|mariupol|marseille|melbourne|mexico city|miami|milan|milwaukee
    minneapolis|minsk|mogadishu|monaco|monrovia|montevideo|montreal|moscow|mosul|mumbai|munich|muscat|n'djamena
    nablus|nairobi|naples|nashville|nassau|naypyitaw|new delhi|new orleans|new york|niamey|nice|nicosia|nouakchott
    nuuk|odesa|odessa|oklahoma city|osaka|oslo|ottawa|ouagadougou|palermo|panama city|paris|perth|peshawar
    philadelphia|phnom penh|phoenix|pittsburgh|podgorica|pokrovsk|port-au-prince|port moresby|portland|porto
    prague|pretoria|pristina|pyongyang|quebec city|quetta|quito|rabat|rafah|ramallah|rangoon|reykjavik|riga
    rio de janeiro|riyadh|rome|rotterdam|sacramento|salt lake city|san antonio|san diego|san francisco|san josé
    san juan|san salvador|sanaa|santiago|santo domingo|sao paulo|são paulo|sarajevo|seattle|seoul|sevastopol
    shanghai|shenzhen|simferopol|singapore|skopje|sofia|srinagar|st. louis|st. petersburg|stockholm|strasbourg
    stuttgart|suva|sydney|taipei|tallinn|tashkent|tbilisi|tegucigalpa|tehran|tel aviv|the hague|thimphu|tijuana
    tirana|tokyo|toronto|tripoli|tunis|turin|tyre|ulaanbaatar|united nations|valletta|vancouver|vatican city
    venice|vienna|vientiane|vilnius|vladivostok|warsaw|washington|wellington|windhoek|wuhan|yangon|yaounde|yaoundé
    yerevan|zagreb|zaporizhzhia|zurich|zürich
    """.replace("\n", "|")
    .replace("    ", "")
    .strip("|")
    .split("|")
)
"""In small letters: capitals, and those that a reader knows without a country after them."""


def is_city(place: str) -> bool:
    """Whether a place is such a city, or several of them: ``MOSCOW/KYIV``."""
    return all(part.strip(" ,").casefold() in CITIES for part in place.split("/"))
