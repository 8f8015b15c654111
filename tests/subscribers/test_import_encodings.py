"""Legacy encodings: each text is read as it was written, told by nothing but its bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.subscribers.importers.encodings import find_encoding

SIMPLIFIED = "邮箱,姓名,城市\nli@example.com,李雷,北京\nhan@example.com,韩梅梅,上海\n"
TRADITIONAL = "電子郵件,姓名,城市\nchen@example.com,陳怡君,臺北\nlin@example.com,林志明,高雄\n"
JAPANESE = "メールアドレス,氏名,住所\nsato@example.com,佐藤健,東京都港区\nsuzuki@example.com,鈴木愛,大阪市\n"
KOREAN = "이메일,이름,도시\nkim@example.com,김민준,서울\npark@example.com,박서연,부산\n"
RUSSIAN = (
    "почта,имя,город\nivan@example.com,Иван Петров,Москва\nolga@example.com,Ольга Смирнова,Казань\n"
)
UKRAINIAN = "email,ім'я\nyulia@example.com,Юлія Шевченко\n"
GREEK = "email,όνομα\neleni@example.com,Ελένη Παπαδοπούλου\n"
GERMAN = "E-Mail,Name,Ort\nj@example.com,Jürgen Müller,Köln\ng@example.com,Günther Groß,Osnabrück\n"
FRENCH = "email,prénom\na@example.com,Zoé\nb@example.com,François\nc@example.com,Noël d’Été\n"
SPANISH = "correo,nombre\na@example.com,Íñigo Muñoz\nb@example.com,José Núñez\n"
POLISH = "email,imię\na@example.com,Wojciech Żółć\nb@example.com,Małgorzata Święcka\nc@example.com,Łukasz Dąbrowski\n"
CZECH = "email,jméno\na@example.com,Jiří Dvořák\nb@example.com,Tomáš Růžička\n"
HUNGARIAN = "e-mail,név\na@example.com,Gergő Tőkés\nb@example.com,Szűcs Zoltán\n"
ROMANIAN = "e-mail,nume\na@example.com,Ştefan Ionescu\nb@example.com,Mihăiţă Rădulescu\n"
PORTUGUESE = "e-mail,nome\na@example.com,João Simões\nb@example.com,Conceição Guimarães\n"
LITHUANIAN = "el. paštas,vardas\na@example.com,Jūratė Žukauskaitė\nb@example.com,Žydrūnas\n"
HEBREW = "דואר,שם\na@example.com,יוסי כהן\nb@example.com,שרה לוי\n"
ARABIC = "البريد,الاسم\na@example.com,محمد علي\nb@example.com,فاطمة الزهراء\n"
THAI = "อีเมล,ชื่อ\na@example.com,สมชาย ใจดี\nb@example.com,สุดา พรหม\n"
MANY = "email,name\na@example.com,Jürgen Müller\nb@example.com,François Noël\nc@example.com,José Muñoz\n"
TURKISH = "email,ad\na@example.com,Ayşe Yılmaz\nb@example.com,Çağrı Şahin\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SIMPLIFIED, "gb18030"),
        (SIMPLIFIED, "gb2312"),
        (SIMPLIFIED, "utf-8"),
        (SIMPLIFIED, "utf-16"),
        (SIMPLIFIED, "utf-16-le"),
        (SIMPLIFIED, "utf-16-be"),
        (TRADITIONAL, "big5"),
        (TRADITIONAL, "utf-8-sig"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (KOREAN, "euc_kr"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8_r"),
        (UKRAINIAN, "cp1251"),
        (GREEK, "cp1253"),
        (GERMAN, "cp1252"),
        (GERMAN, "mac_roman"),
        (GERMAN, "iso8859_15"),
        (FRENCH, "cp1252"),
        (SPANISH, "cp1252"),
        (POLISH, "cp1250"),
        (CZECH, "cp1250"),
        (TURKISH, "cp1254"),
        (HUNGARIAN, "cp1250"),
        (HUNGARIAN, "iso8859_2"),
        (ROMANIAN, "cp1250"),
        (POLISH, "iso8859_2"),
        (CZECH, "iso8859_2"),
        (PORTUGUESE, "cp1252"),
        (LITHUANIAN, "cp1257"),
        (HEBREW, "cp1255"),
        (ARABIC, "cp1256"),
        (THAI, "cp874"),
        (MANY, "cp1252"),
        (MANY, "mac_roman"),
        (GERMAN, "cp850"),
        (RUSSIAN, "cp866"),
        (RUSSIAN, "iso8859_5"),
        (RUSSIAN, "mac_cyrillic"),
        (GREEK, "iso8859_7"),
        (JAPANESE, "iso2022_jp"),
        ("email,name\na@example.com,Ann\n", "ascii"),
        ("email,name\na@example.com,Müller\n", "cp1252"),
        ("email,姓名\na@example.com,王小明\n", "gb18030"),
        ("email,姓名\na@example.com,王小明\n", "big5"),
        ("email,name\na@example.com,田中さくら\n", "shift_jis"),
        ("email,name\na@example.com,Şebnem Ferah\n", "cp1254"),
        ("email,name\na@example.com,Halide Adıvar\n", "iso8859_9"),
        ("email,name\na@example.com,Beyazıt Öz\nb@example.com,Turgut Sağlam\n", "cp1254"),
        ("email,name\na@example.com,Guðni Jóhannesson\n", "cp1252"),
        ("email,name\na@example.com,Þráinn Bertelsson\n", "latin_1"),
        ("email,name\na@example.com,Pär Lagerkvist\n", "mac_roman"),
        ("email,name\na@example.com,Miroslav Krleža\n", "cp1250"),
        ("email,name\na@example.com,Meša Selimović\n", "iso8859_2"),
        ("email,name\na@example.com,Radnóti Miklós\nb@example.com,Szép Ernő\n", "cp1250"),
        ("email,name\na@example.com,Salomėja Nėris\n", "cp1257"),
        ("email,name\na@example.com,诸葛亮\n", "gb18030"),
        ("email,name\na@example.com,吴彦祖\n", "gb18030"),
        ("email,name\na@example.com,席慕蓉\n", "big5"),
        ("email,name\na@example.com,谷崎 潤一郎\n", "euc_jp"),
        ("email,name\na@example.com,박지성\n", "euc_kr"),
        ("email,name\na@example.com,Zażółć Gęślą\n", "cp1250"),
        ("email,name\na@example.com,Loïc Le Goff\n", "cp850"),
        ("email,name\na@example.com,Plain Jane\n", "utf-16-le"),
        ("email,name\na@example.com,Plain Jane\n", "utf-16-be"),
    ],
)
def test_a_text_is_read_as_it_was_written(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(text.encode(encoding))
    found = find_encoding(path)
    assert path.read_bytes().decode(found).lstrip("\ufeff") == text, found
