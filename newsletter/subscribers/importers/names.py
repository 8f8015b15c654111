"""What people and places are called in the languages of legacy encodings: which letters stand beside each other there, and
which characters are families'.

`Erdoğan` in Turkish is `Erdoðan` in Icelandic, by the same bytes: each letter belongs to its language, but no Icelandic word
has an ð between these two. Such pairs are taken from words that every speaker knows.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

WORDS = {
    "de at ch": "Müller Jürgen Günther Käthe Bärbel Jörg Björn Schäfer Köhler Krüger Schröder König Böhm Groß Weiß Strauß Süß "
    "Großmann Preuß Fuß Kühn Zürich München Köln Düsseldorf Österreich Übersicht Ärzte Straße Möller Hölderlin Häußler "
    "Förster Jäger Bäcker Nürnberg Würzburg Göttingen Osnabrück Lübeck Hübner Dörte Sören Änne Größe Lösung für über Präsident Öffner",
    "fr be": "François Hélène Jérôme Noël Zoé Anaïs Loïc André René Chloé Léa Théo Benoît Lefèvre Ève Cœur Jérémy Frédéric "
    "Élodie Étienne Gaël Michèle Thérèse Geneviève Cécile Stéphane Sébastien Aurélie Mélanie Éric Hervé Gérard Aimée Orléans "
    "Genève Besançon Nîmes Angoulême Sète Québec Rhône Côte Fenêtre Maître Château Hôtel Évêque Août Bœuf Béatrice Agnès Île Lætitia",
    "es mx ar cl co": "José María Núñez Muñoz Peña Íñigo Raúl Gómez Fernández Rodríguez González López Martínez Sánchez Pérez "
    "García Jiménez Ramírez Vázquez Begoña Ángel Álvaro Óscar Andrés Inés Mónica Sofía Lucía Belén Joaquín Agustín Tomás Jesús "
    "Víctor Héctor Iván Adrián Málaga Cádiz Córdoba León Güell España Logroño Coruña Ibáñez Iñaki Argüelles Úrsula Bogotá Perú",
    "pt br": "João Conceição Leão Inês Gonçalves Simões Guimarães Antônio António Brandão Araújo Magalhães São Assunção Sebastião "
    "Fundação Camões Tomé Mónica Mônica Patrícia Célia Lúcia Márcia Flávio Cláudia Sérgio Júlio Vitória Luís Inácio Estêvão "
    "Ângela Évora Lourenço França Açores Bragança Maceió Ceará Goiânia Brasília Belém Irmã Romã Maranhão Água Ótimo",
    "it": "Niccolò Nicolò Così Perché Sì Città Perù Università Forlì Cefalù Canicattì Carrà Viganò Salò Mondovì Cantù è già più "
    "Virtù Libertà Lunedì",
    "nl": "Zoë Daniël Michaël Noël België Daniëlle Joël Ruïne Geïntegreerd Coöperatie Reünie Desirée André René Crèche",
    "se fi": "Åsa Öberg Björn Göran Märta Sjöö Käll Järvinen Päivi Mäki Hämäläinen Mäkinen Åke Håkan Måns Östen Sjöberg Lindström "
    "Malmö Göteborg Örebro Umeå Luleå Växjö Jönköping Gävle Åbo Jyväskylä Pääkkönen Väinö Yrjö Säde Ångström Söderström Gårdh "
    "Andrén Västerås Pöysti Niinistö Ylönen Äppel",
    "dk no": "Søren Kierkegård Åse Bø Jørgen Næss Kåre Bjørn Dæhlie Ærø Østergård Gøril Pål Håkon Åge Øyvind Øystein Ås Ålborg "
    "Århus København Tromsø Bodø Færøerne Sæther Kjær Præst Skåne Grønland Sjælland Møller Nørgård Vestergård Bærum Næstved Køge "
    "Rødovre Blåbær Lærke Ægte",
    "is": "Þórður Guðmundsson Sigríður Ýr Björk Guðmundsdóttir Ólafur Þór Örn Guðrún Ósk Ásgeir Þorsteinsson Halldór Sæmundur Dýrleif "
    "Sigurður Friðrik Hörður Ísleifur Ægir Úlfur Höfn Reykjavík Ísafjörður Sauðárkrókur Garðabær Kópavogur Egilsstaðir Davíð Jón "
    "Svanhvít Hreiðar Arnþór Steinþór Böðvar Eyþór Ragnheiður Heiðrún Guðjohnsen Ingibjörg Þórdís Sigurðardóttir Nýr Bær Éva",
    "pl": "Żółć Małgorzata Święcka Łukasz Dąbrowski Gęślą Ćwik Paweł Wałęsa Grażyna Łącka Wójcik Kamiński Woźniak Kozłowski "
    "Jabłoński Król Michał Rafał Błażej Bartłomiej Stanisław Świątek Bożena Elżbieta Józef Łódź Kraków Gdańsk Poznań Wrocław Toruń "
    "Białystok Częstochowa Zamość Śląsk Świętochłowice Chełm Głogów Słupsk Jaźń Ćma Źródło Żuk Pająk Dębski Krzyżanowski Jędrzej "
    "Kołłątaj Żeromski Ósma Zając",
    "cz": "Jiří Dvořák Tomáš Růžička Žofie Šťastná Řehoř Čapek Božena Němcová Václav Lukáš Ondřej Matěj Zdeněk Čeněk Novák Procházka "
    "Kučera Veselý Horák Pokorný Černý Šimek Doležal Kříž Bartoš Ďuriš Žižka Plzeň Děčín Ústí Třebíč Přerov Karviná Frýdek Místek "
    "Příbram Dvůr Králové Hůlka Štěpán Anežka Dušan Miloš Aleš Šárka Květa Zbyněk Úsvit Ťapka",
    "sk": "Ľudovít Štúr Jánošík Ľubomír Ďurica Košice Žilina Prešov Trenčín Piešťany Humenné Kováč Horváth Baláž Šťastný Vŕba Stĺp "
    "Kôň Mäkčeň Ľubica Ľuboš Božidara Žiar Čadca",
    "hu": "Szűcs Erzsébet Kőműves Győző Gergő Tőkés Széchenyi István Petőfi Sándor Örkény Ödön László Zoltán Gábor Péter Tamás Ágnes "
    "Éva Mária József Kovács Szabó Tóth Horváth Molnár Németh Takács Juhász Mészáros Rácz Győr Pécs Székesfehérvár Kecskemét "
    "Nyíregyháza Dezső Jenő Árpád Ádám Bálint Dániel Zsófia Réka Emőke Ildikó Lőrinc Szőke Erdős Kökény Füredi Fülöp Üllő Újpest "
    "Hűvös Műhely Tűz Gyűrű Török",
    "ro": "Ştefan Mihăiţă Rădulescu Brânză Cătălina Ţîrlea Ionuţ Constanţa Bucureşti Iaşi Timişoara Braşov Galaţi Năstase Băsescu "
    "Dragoş Mureş Târgu Bârlad Luminiţa Călin Şerban Ţepeş Costică Ileană Sălăjan Rareş Răzvan Sînziana Pârvu Câmpina Râmnicu Vâlcea "
    "Neamţ Dâmboviţa Româna Lămâie Întâi",
    "hr si rs": "Željko Šarić Đurđević Kovačević Ćopić Jovanović Petrović Marković Đorđević Ilić Milošević Živković Đukić Babić "
    "Knežević Vuković Šimić Božić Blažević Župan Čačić Šibenik Požega Čakovec Đakovo Varaždin Niš Užice Čačak Kruševac Krajnčič "
    "Hočevar Potočnik Zupančič Kočevje Škofja Saša Miloš Uroš Draško Ćosić Ćiro Kaštelan Hadžić Mešić Džeko Tuđman Grđić",
    "tr": "Ayşe Yıldız Oğuz Şahin İpek Gündoğdu Şükrü Çağlar Gülşen Uğur Işık Ömer Çelik Kılıç Barış Özkan Tuğba Erdoğan Hüseyin "
    "Yılmaz Şafak Nazım Güneş Aydın Doğan Çıtlak Yaşar Yıldırım Öztürk Koç Çetin Yüksel Taş Aktaş Şimşek Çakır Eşref İstanbul İzmir "
    "Diyarbakır Eskişehir Muğla Ağrı Iğdır Kırşehir Çanakkale Çorum Niğde Şırnak Uşak Elazığ Balıkesir Ertuğrul Beşiktaş Kadıköy "
    "Üsküdar Gökhan Çiğdem Özlem Gönül Gülçin Tülin İbrahim İsmail Ünal Süleyman Ağaoğlu Dağ Tuğçe Buğra Çağrı Çınar Sıla Pınar "
    "Kıvanç Hakkı Sıtkı Bahçe İnönü Başak Aşkın Savaş Yeğen Soğancı Doğu Beyoğlu Boğaz Ömür Hâlâ Kâmil",
    "lt": "Žygimantas Šiaučiūnas Agnė Ąžuolaitė Jūratė Žukauskaitė Rūta Eglė Živilė Gintarė Aistė Šarūnas Kęstutis Kazlauskienė "
    "Stankevičius Šiauliai Panevėžys Klaipėda Mažeikiai Kėdainiai Telšiai Tauragė Ukmergė Plungė Šilutė Radviliškis Palangą "
    "Druskininkų Kaišiadorys Būga Čepas Ūkas Įmonė Šešėlis",
    "lv": "Māris Bērziņš Ģirts Ķēniņš Jānis Kalniņš Ozoliņš Kārlis Pēteris Mārtiņš Līga Kristīne Dāvis Rūta Krūmiņš Liepiņa Eglītis "
    "Zariņš Jēkabs Āboliņa Vītols Rīga Jūrmala Liepāja Rēzekne Cēsis Šķēde Ķekava Ādaži Čakste Žagars Mežvēvers Ņina Ļena",
    "ee": "Õnne Pärn Jõgi Mäe Kõiv Ülle Ülo Tõnis Jüri Mägi Põld Kütt Õunapuu Rõõmus Pärnu Võru Jõhvi Põlva Tänav Žanna Šeinman "
    "Rüütel Väli Käärik Öö",
}
"""Words by the countries of their language, as `letters` names them."""


def _pairs(words: str) -> frozenset[str]:
    inside = f" {words.lower().replace('i̇', 'i')} "
    return frozenset(
        pair for pair in map("".join, itertools.pairwise(inside)) if not pair.isascii()
    )


PAIRS: Mapping[str, frozenset[str]] = {
    countries: _pairs(words) for countries, words in WORDS.items()
}
"""Letters beside each other, one of which ASCII has not, in small; a blank is the end of a word."""

CHINESE_FAMILIES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪"
    "范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "張劉陳楊黃趙吳馬羅鄭謝許韓馮鄧蕭蔣葉蘇呂盧鍾鐘譚陸賈韋鄒閻龍賀顧龔萬錢嚴湯簡詹游賴莊柯"
)
KOREAN_FAMILIES = frozenset(
    "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지엄채원천방공현함변염여추"
)
FAMILIES = (
    CHINESE_FAMILIES
    | KOREAN_FAMILIES
    | frozenset(
        [
            "欧阳",
            "司马",
            "上官",
            "诸葛",
            "东方",
            "皇甫",
            "尉迟",
            "公孙",
            "慕容",
            "司徒",
            "令狐",
            "夏侯",
            "歐陽",
            "司馬",
            "諸葛",
            "東方",
            "尉遲",
            "公孫",
            "남궁",
            "황보",
            "제갈",
            "선우",
            "독고",
        ]
    )
)
"""Names of families that are common in Chinese and in Korean."""
GIVEN = frozenset(
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂梓涵浩宇轩欣怡子诗琪雨桐思远俊佳雅婷梦瑶嘉博文天佑一鸣志建国华庆春梅秋菊"
    "海燕晓红东小龙少斌振彦祖宏永康立新群泽楷瑞阳凯琳璐颖倩蕾薇莹莎瑾瑜婧妍晴昊旭晨曦辰逸凡骏驰翔航锋铭钧鸿毅诚谦悟空亮备羽"
    "飞操权云雪冰玉珍珠凤仪善良德才智仁义礼信忠孝勤俭富贵荣光辉煌坤乾震艮巽坎离兑娅婉妮媛婵丹青紫"
)
"""Characters of given names, beside those that are common anywhere."""
JAPANESE_NAMES = frozenset(
    "佐藤鈴木高橋田中伊渡辺山本村小林加吉口松井斎清崎森池阿部石川前岡後長谷近坂遠青福西太三岩竹金和上野原丸今武増平菅杉柴工酒柳横樋桜千久浜"
    "島内服荒秋関飯荻梅菊芥俵熊窪堀辻塚沼滝溝畑尾笠牧宮永望矢若郎健翔大輝悠斗陽菜結衣美咲葵凛芽真里奈絵由紀恵智洋浩誠博明隆茂勝治龍之介"
    "潤一彦雄也哉弥司樹蓮颯湊律朝沙耶彩香織穂佳代江枝雅裕敏典孝義信正剛亮拓哲"
)
"""Characters of names in Japan."""
MORE_FAMILIES = frozenset(
    "褚卫尤许施严华戚喻柏窦章云奚郎鲁昌苗凤俞任柳鲍费廉岑倪滕殷毕邬安常乐时傅皮卞齐伍元卜平和穆湛祁禹狄米贝臧计伏成谈茅庞纪舒"
    "屈项祝阮蓝闵席季麻路娄危童颜盛刁骆樊凌霍虞支管裘缪干解应宗宣郁单杭洪包诸左吉邢裴荣翁荀甄曲封储靳焦巴牧车班仰仲伊宫宁仇栾甘厉"
    "祖符景束幸司韶薄印宿蒲从索咸籍卓蔺屠蒙池乔胥苍双闻党翟贡劳姬申扶冉宰雍桑桂牛寿通边扈燕冀尚农温庄晏柴瞿慕连茹习艾鱼容古易慎戈终"
    "居衡步都耿满弘匡国文寇广东欧利师巩聂晁敖融冷辛那饶空沙养鞠须丰关相查荆红权盖益桓公闫肖葛"
)


def family_first(first: str, last: str) -> tuple[str, str]:
    """The family's and the given name, of a first and a last one. Whoever fills in “first” as it is said there writes the
    family's: where that one is a family's and the other is not, they are not turned round."""
    if first in FAMILIES and last not in FAMILIES:
        return first, last
    return last, first
