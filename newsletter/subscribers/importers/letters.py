"""Letters that are common in the languages of legacy encodings: what `encodings` tells readings apart by."""

from __future__ import annotations

SIMPLIFIED = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面"
    "而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把"
    "性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质"
    "气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活"
    "设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则"
    "任取据处南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再"
    "采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况"
    "今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素"
    "技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型"
    "眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严龙飞邮箱姓城状态订阅退订已"
    "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余"
    "潘杜戴夏钟汪田任姜范方石姚谭廖邹熊陆郝孔崔康邱秦顾侯邵孟段雷梅晓丽娟敏静秀英芳娜洋勇艳杰磊超霞桂兰玉萍"
    "鹏辉建军波宁伟强婷雪琳晨宇浩轩博涵欣怡嘉豪俊峰涛斌鑫淑珍凤莲冰雨洁瑞祥福荣庆州津深圳杭苏武汉重庆成都"
)
TRADITIONAL = frozenset(
    "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得于著下自之年過發後作里用道"
    "行所然家種事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心本前開但因只從想實日軍者意"
    "無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體政美相見被利"
    "什二等產或新己制身果加西斯月話合回特代內信表化老給世位次度門任常先海通教兒原東聲提立及比員解水名真論處"
    "走義各入幾口認條平系氣題活爾更別打女變四神總何電數安少報才結反受目太量再感建務做接必場件計管期市直德資"
    "命山金指克許統區保至隊形社便空決治展馬科司五基眼書非則聽白卻界達光放強即像難且權思王象完設式色路記南品"
    "住告類求據程北邊死張該交規萬取拉格望覺術領共確傳師觀清今切院讓識候帶導爭運子郵姓城台臺灣香港九龍新竹雄"
    "陳林黃李吳劉蔡楊鄭謝郭洪邱曾廖賴徐周葉蘇莊呂江蕭羅潘簡朱鍾彭游詹胡施沈余趙盧梁顏柯孫魏翁戴范宋鄧杜傅侯曹"
    "薛丁蔣卓溫藍董志明淑芬美玲雅婷怡君家豪俊傑宗翰冠宇承恩品妤詠晴偉華慧雯佳穎惠麗秀娟玉梅英花箱訂閱退狀態"
)
JAPANESE = frozenset(
    "".join(map(chr, range(0x3041, 0x3097)))
    + "".join(map(chr, range(0x30A1, 0x30FD)))
    + "日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場"
    "金員九入選立開手米力学問高代明実円関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法不来作性"
    "的要用制治度務強気小七成期公野協取都和統以機平総加山思家話世受区領多県続進正安設保改数記院女初北午指権心"
    "界支第産結百派点教報済書府活原先共得解名交資予川向際査勝面委告軍文反元重近千考判認画海参売利組知案道信策"
    "集在件団別物側任引使求所次水半品昨論計死官増係感特情投示変打男基私各始島直両朝革価式確村提運終果西勢減台"
    "広容必応演電住談能無再位置真流格有口過局少放検藤町常校料沢状工建語球営空職証土与急止送供可役構木割聞身費"
    "付由説転食比難防補車優夫研収断井何南石足違消境神番規術護展導備宅害配副算視条独宮究育席訪楽起万着乗店述残"
    "想線病農州武声質念待試族銀助労例衛然早張映限親環験追商葉義働形景好退準賀辺造英株頭技低医味渡失門写評末守"
    "若美岡影命福量松佐深字答夜音様港注達鈴橋伊吉斎清斉阪横浜札幌仙姓郵便購読配信停止解除愛香奈恵優太郎翔翼健"
)
KOREAN = frozenset(
    "이가는다의에을고를은한하지도로사기인어서대수시정자나일리아보원전해구주부만있제상여우소동성장신스그조연세것들"
    "면오미국화경김회관되무유중라적과학생안진물게위방분선모비내공업용산개교민바문실으마당러계발데할남불거박했합습"
    "니까메름울최강윤임권황송류홍양손배백허심노곽차준현영혜희숙철호석훈태독구취소상태광천포항요청합니다반갑습"
)
CYRILLIC = frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюяАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯёЁіїєґІЇЄҐ")
CYRILLIC_VOWELS = frozenset("аеёиоуыэюяіїєАЕЁИОУЫЭЮЯІЇЄъЪ")
CYRILLIC_COMMON = frozenset("оеаинтсрвлкмдпуяоОЕАИНТСРВЛКМДПУЯ")
GREEK = frozenset("αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩΆΈΉΊΌΎΏ")
GREEK_VOWELS = frozenset("αεηιουωάέήίόύώϊϋΑΕΗΙΟΥΩΆΈΉΊΌΎΏ")
GREEK_COMMON = frozenset("αοιετσνηυρπκλμςίάόέΑΟΙΕΤΣΝΗΥΡΠΚΛΜ")
HEBREW = frozenset(map(chr, range(0x05D0, 0x05EB)))
HEBREW_COMMON = frozenset("יוהלארתמבשנ")
ARABIC_COMMON = frozenset("اليمونرتبةعدسفهك")
ARABIC = frozenset(
    map(chr, (*range(0x0621, 0x063B), *range(0x0640, 0x0653), 0x067E, 0x0686, 0x06AF))
)
THAI_ABOVE = frozenset(map(chr, (0x0E31, *range(0x0E34, 0x0E3B), *range(0x0E47, 0x0E4F))))
"""Signs that stand above or below a consonant, and after it in the text."""
THAI = frozenset(map(chr, (*range(0x0E01, 0x0E3B), *range(0x0E40, 0x0E4F))))


def _both(small: str) -> frozenset[str]:
    return frozenset(small + small.upper()) - frozenset("SI")


WESTERN = {
    "de at ch": _both("äöü") | {"ß"},
    "fr be": _both("éèêëàâçîïôûùüœæ") | {"ÿ", "Ÿ"},
    "es mx ar cl co": _both("áéíóúüñ"),
    "pt br": _both("áâãàçéêíóôõú"),
    "it": _both("àèéìòù"),
    "nl": _both("éëïöüè"),
    "se fi": _both("åäöé"),
    "dk no": _both("æøåéöä"),
    "is": _both("áéíóúýðþæö"),
}
CENTRAL = {
    "pl": _both("ąćęłńóśźż"),
    "cz": _both("áčďéěíňóřšťúůýž"),
    "sk": _both("áäčďéíĺľňóôŕšťúýž"),
    "hu": _both("áéíóöőúüű"),
    "ro": _both("ăâîşţșț"),
    "hr si rs": _both("čćđšž"),
    "de": _both("äöü") | {"ß"},
}
TURKISH = {"tr": frozenset("çğıöşüâÇĞİÖŞÜÂ")}
BALTIC = {
    "lt": _both("ąčęėįšųūž"),
    "lv": _both("āčēģīķļņšūž"),
    "ee": _both("äõöüšž"),
}
"""Letters beyond ASCII by the language that has them, which is named by the domains of its countries."""

COUNTRIES = {
    "cp1251": "ru by bg kz rs mk ua su",
    "koi8_r": "ru su",
    "koi8_u": "ua",
    "cp866": "ru su",
    "mac_cyrillic": "ru su ua",
    "iso8859_5": "ru su rs",
    "cp1253": "gr cy",
    "iso8859_7": "gr cy",
    "cp1255": "il",
    "iso8859_6": "ae sa eg ir ma",
    "cp1256": "ae sa eg ir ma",
    "cp874": "th",
}
"""Countries of the encodings of scripts of their own."""

RARE = {"iso8859_6": 0.8, "iso8859_5": 0.9, "mac_cyrillic": 0.95, "cp866": 0.95, "cp850": 0.95}
"""Encodings that hardly any program writes, and how much less a reading in them is worth."""

PORTUGUESE = {"õ": "e", "ã": "oe", "Õ": "E", "Ã": "OE"}
"""What follows these letters in Portuguese, if anything does: elsewhere they are letters of another encoding."""

MARKS = frozenset("“”‘’„–—…«»€£©®°·•№¿¡\xa0´`")

OPENING = frozenset("“„‘‚«")
QUOTES = OPENING | frozenset("”’»")

FIRST = frozenset("þ")
"""Letters that stand at the beginning of a word only."""
