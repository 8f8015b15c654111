"""Export files of many products, languages and encodings: what each line becomes; tables that are not as they ought."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsletter.subscribers.importers.files import open_import
from newsletter.subscribers.importers.rows import Row

Told = tuple[str, str, str | None] | None
"""Address, name and status of a line; None for one that is rejected."""

FILES: list[tuple[str, str, str, list[Told]]] = [
    (
        'kit.csv',
        'utf-8',
        'Email,First Name,Status,Created At,Tags,Subscribed At\n'
        'ann@example.com,Ann,active,2023-01-02 10:00:00 UTC,"vip, x",2023-01-02\n'
        'bob@example.com,Bob,cancelled,2023-01-02 10:00:00 UTC,,\n'
        'c@example.com,C,bounced,2023-01-02,,\n'
        'd@example.com,D,complained,,,\n',
        [('ann@example.com', 'Ann', 'confirmed'), ('bob@example.com', 'Bob', 'unsubscribed'), ('c@example.com', 'C', 'bounced'), ('d@example.com', 'D', 'complained')],
    ),
    (
        'kit2.csv',
        'utf-8',
        'id,first_name,email_address,state,created_at,tags\n'
        '1,Ann,ann@example.com,active,2023-01-02T10:00:00Z,vip\n'
        '2,Bob,bob@example.com,inactive,2023-01-02T10:00:00Z,\n',
        [('ann@example.com', 'Ann', 'confirmed'), ('bob@example.com', 'Bob', 'pending')],
    ),
    (
        'beehiiv.csv',
        'utf-8',
        'email,First Name,Last Name,status,tier,created_at,stripe_customer_id,unsubscribed_at\n'
        'ann@example.com,Ann,Lee,active,free,2023-01-02T10:00:00.000Z,,\n'
        'bob@example.com,Bob,,inactive,free,2023-01-02T10:00:00.000Z,,2023-05-01T00:00:00Z\n'
        'v@example.com,V,,validating,free,2023-01-02T10:00:00.000Z,,\n'
        'p@example.com,P,,pending,free,2023-01-02,,\n',
        [('ann@example.com', 'Ann Lee', 'confirmed'), ('bob@example.com', 'Bob', 'unsubscribed'), ('v@example.com', 'V', 'pending'), ('p@example.com', 'P', 'pending')],
    ),
    (
        'brevo.csv',
        'utf-8',
        'CONTACT ID;EMAIL;LASTNAME;FIRSTNAME;SMS;BLACKLISTED;OPT_IN;ADDED_TIME;MODIFIED_TIME\n'
        '1;ann@example.com;Lee;Ann;;no;true;02-01-2023 10:00:00;02-01-2023\n'
        '2;bob@example.com;Ray;Bob;;yes;;02-01-2023;\n',
        [('ann@example.com', 'Ann Lee', None), ('bob@example.com', 'Bob Ray', 'unsubscribed')],
    ),
    (
        'mailerlite.csv',
        'utf-8',
        'Subscriber,Name,Last name,Company,Country,City,Phone,State,Zip,Subscribed,Opt-in IP,Opt-in timestamp,Status\n'
        'ann@example.com,Ann,Lee,,US,Austin,,TX,,2023-01-02 10:00:00,192.0.2.1,2023-01-02 10:00:00,active\n'
        'bob@example.com,Bob,,,US,Austin,,TX,,2023-01-02 10:00:00,,,unsubscribed\n'
        'j@example.com,J,,,,,,,,2023-01-02 10:00:00,,,junk\n',
        [('ann@example.com', 'Ann Lee', 'confirmed'), ('bob@example.com', 'Bob', 'unsubscribed'), ('j@example.com', 'J', 'complained')],
    ),
    (
        'mailerlite-old.csv',
        'utf-8',
        'Email,Name,Subscribed,State\n'
        'ann@example.com,Ann,2023-01-02 10:00:00,TX\n'
        'bob@example.com,Bob,2023-01-03 10:00:00,CA\n',
        [('ann@example.com', 'Ann', None), ('bob@example.com', 'Bob', None)],
    ),
    (
        'campaignmonitor.csv',
        'utf-8',
        'Email Address,Name,Date Subscribed,State\n'
        'ann@example.com,Ann,2023-01-02,Active\n'
        'bob@example.com,Bob,2023-01-02,Unsubscribed\n'
        'c@example.com,C,2023-01-02,Bounced\n'
        'd@example.com,D,2023-01-02,Unconfirmed\n'
        'e@example.com,E,2023-01-02,Deleted\n',
        [('ann@example.com', 'Ann', 'confirmed'), ('bob@example.com', 'Bob', 'unsubscribed'), ('c@example.com', 'C', 'bounced'), ('d@example.com', 'D', 'pending'), ('e@example.com', 'E', 'unsubscribed')],
    ),
    (
        'hubspot.csv',
        'utf-8',
        '"Record ID","First Name","Last Name","Email","Phone Number","Contact owner","Lead Status","Marketing contact status","Create Date","Associated Company","Unsubscribed from all email","Email hard bounce reason"\n'
        '"1","Ann","Lee","ann@example.com","","","","Marketing contact","2023-01-02 10:00","","false",""\n'
        '"2","Bob","","bob@example.com","","","New","Marketing contact","2023-01-02 10:00","","true",""\n'
        '"3","No","Mail","","","","","","","","",""\n',
        [('ann@example.com', 'Ann Lee', None), ('bob@example.com', 'Bob', 'unsubscribed'), None],
    ),
    (
        'constantcontact.csv',
        'utf-8',
        'Email address,First name,Last name,Company,Email status,Email permission status,Email update source,Confirmed Opt-Out Date,Email Lists,Created At\n'
        'ann@example.com,Ann,Lee,,Active,Express,Contact Add,,General,2023-01-02\n'
        'bob@example.com,Bob,Ray,,Unsubscribed,,Contact,2023-03-01,General,2023-01-02\n',
        [('ann@example.com', 'Ann Lee', 'confirmed'), ('bob@example.com', 'Bob Ray', 'unsubscribed')],
    ),
    (
        'klaviyo.csv',
        'utf-8',
        'Email,First Name,Last Name,Klaviyo ID,Email Marketing Consent,Email Marketing Consent Timestamp,Email Suppressions\n'
        'ann@example.com,Ann,Lee,01,SUBSCRIBED,2023-01-02 10:00:00,[]\n'
        'bob@example.com,Bob,,02,UNSUBSCRIBED,2023-01-02 10:00:00,[]\n'
        'n@example.com,N,,03,NEVER_SUBSCRIBED,,[]\n',
        [('ann@example.com', 'Ann Lee', 'confirmed'), ('bob@example.com', 'Bob', 'unsubscribed'), ('n@example.com', 'N', 'pending')],
    ),
    (
        'revue.csv',
        'utf-8',
        'email,first_name,last_name,created_at\n'
        'ann@example.com,Ann,Lee,2021-01-02 10:00:00 UTC\n',
        [('ann@example.com', 'Ann Lee', None)],
    ),
    (
        'tinyletter.csv',
        'utf-8',
        'Email Address,Subscribe Date,IP Address\n'
        'ann@example.com,2021-01-02 10:00:00,192.0.2.1\n',
        [('ann@example.com', '', None)],
    ),
    (
        'phplist.csv',
        'utf-8',
        'id\temail\tconfirmed\tblacklisted\toptedin\tbouncecount\tentered\tmodified\tuniqid\thtmlemail\tdisabled\n'
        '1\tann@example.com\t1\t0\t0\t0\t2020-01-02 10:00:00\t2020-01-02 10:00:00\tabc\t1\t0\n'
        '2\tbob@example.com\t0\t0\t0\t0\t2020-01-02 10:00:00\t\tabd\t1\t0\n'
        '3\tc@example.com\t1\t1\t0\t3\t2020-01-02 10:00:00\t\tabe\t1\t0\n',
        [('ann@example.com', '', 'confirmed'), ('bob@example.com', '', 'pending'), ('c@example.com', '', 'unsubscribed')],
    ),
    (
        'mailtrain.csv',
        'utf-8',
        'email,first_name,last_name,cid,status,created\n'
        'ann@example.com,Ann,Lee,x,Subscribed,2020-01-02\n'
        'bob@example.com,Bob,,y,Unsubscribed,2020-01-02\n'
        'c@example.com,C,,z,Bounced,2020-01-02\n',
        [('ann@example.com', 'Ann Lee', 'confirmed'), ('bob@example.com', 'Bob', 'unsubscribed'), ('c@example.com', 'C', 'bounced')],
    ),
    (
        'sendy.csv',
        'utf-8',
        '"Ann Lee","ann@example.com",""\n'
        '"Bob","bob@example.com",""\n',
        [('ann@example.com', 'Ann Lee', None), ('bob@example.com', 'Bob', None)],
    ),
    (
        'sendy2.csv',
        'utf-8',
        'Name,Email,Status,Timestamp\n'
        'Ann,ann@example.com,Subscribed,1672653600\n'
        'Bob,bob@example.com,Unsubscribed,1672653600\n'
        'C,c@example.com,Marked as spam,1672653600\n'
        'D,d@example.com,Soft bounced,1672653600\n'
        'E,e@example.com,Hard bounced,1672653600\n',
        [('ann@example.com', 'Ann', 'confirmed'), ('bob@example.com', 'Bob', 'unsubscribed'), ('c@example.com', 'C', 'complained'), ('d@example.com', 'D', 'confirmed'), ('e@example.com', 'E', 'bounced')],
    ),
    (
        'keila.csv',
        'utf-8',
        'Email,First name,Last name,Data,Status,External ID\n'
        'ann@example.com,Ann,Lee,"{""city"":""Graz""}",active,\n'
        'bob@example.com,Bob,,,unsubscribed,\n'
        'c@example.com,C,,,unreachable,\n',
        [('ann@example.com', 'Ann Lee', 'confirmed'), ('bob@example.com', 'Bob', 'unsubscribed'), ('c@example.com', 'C', 'bounced')],
    ),
    (
        'google-old.csv',
        'utf-16',
        'Name,Given Name,Additional Name,Family Name,Birthday,Notes,Group Membership,E-mail 1 - Type,E-mail 1 - Value,E-mail 2 - Type,E-mail 2 - Value,Phone 1 - Value\n'
        'Ann Lee,Ann,,Lee,,,* myContacts,* Home,ann@example.com,Work,ann@work.example.com,1\n'
        'No Mail,No,,Mail,,,,,,,,2\n'
        'Two,Two,,,,,,* ,two@example.com ::: three@example.com,,,\n',
        [('ann@example.com', 'Ann Lee', None), None, ('two@example.com', 'Two', None)],
    ),
    (
        'google-new.csv',
        'utf-8',
        'First Name,Middle Name,Last Name,Phonetic First Name,Nickname,Organization Name,Birthday,Notes,Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value\n'
        'Ann,,Lee,,,,,,,* myContacts,* ,ann@example.com,,\n',
        [('ann@example.com', 'Ann Lee', None)],
    ),
    (
        'outlook.csv',
        'cp1252',
        '"First Name","Middle Name","Last Name","Company","E-mail Address","E-mail Type","E-mail Display Name","E-mail 2 Address"\n'
        '"Jürgen","","Müller","","j@example.com","SMTP","Jürgen Müller (j@example.com)",""\n'
        '"","","","","/o=ExchangeLabs/cn=Recipients","EX","X",""\n',
        [('j@example.com', 'Jürgen Müller', None), None],
    ),
    (
        'outlook-de.csv',
        'cp1252',
        'Anrede;Vorname;Weitere Vornamen;Nachname;Firma;E-Mail-Adresse;E-Mail-Typ;E-Mail: Angezeigter Name\n'
        ';Jürgen;;Groß;;j@example.com;SMTP;Jürgen Groß\n',
        [('j@example.com', 'Jürgen Groß', None)],
    ),
    (
        'mailpoet.csv',
        'utf-8',
        'Email,First name,Last name,Global status,List status,List,Created at\n'
        'ann@example.com,Ann,Lee,Subscribed,Subscribed,News,2020-01-02 10:00:00\n'
        'bob@example.com,Bob,,Unsubscribed,Unsubscribed,News,2020-01-02 10:00:00\n'
        'c@example.com,C,,Unconfirmed,Unconfirmed,News,2020-01-02\n'
        'e@example.com,E,,Bounced,Subscribed,News,2020\n',
        [('ann@example.com', 'Ann Lee', 'confirmed'), ('bob@example.com', 'Bob', 'unsubscribed'), ('c@example.com', 'C', 'pending'), ('e@example.com', 'E', 'bounced')],
    ),
    (
        'tnp.csv',
        'utf-8',
        '"email";"name";"surname";"gender";"status";"date";"token"\n'
        '"ann@example.com";"Ann";"Lee";"f";"C";"2020-01-02";"x"\n'
        '"bob@example.com";"Bob";"";"m";"S";"";"y"\n'
        '"c@example.com";"C";"";"n";"U";"";"z"\n'
        '"d@example.com";"D";"";"n";"B";"";"w"\n',
        [('ann@example.com', 'Ann Lee', 'confirmed'), ('bob@example.com', 'Bob', 'pending'), ('c@example.com', 'C', 'unsubscribed'), ('d@example.com', 'D', 'bounced')],
    ),
    (
        'activecampaign.csv',
        'utf-8',
        'Email,First Name,Last Name,Phone,Date Created,Status,Tags,IP\n'
        'ann@example.com,Ann,Lee,,2020-01-02 10:00:00,Active,"a,b",192.0.2.1\n'
        'bob@example.com,Bob,,,2020,Unsubscribed,,\n'
        'c@example.com,C,,,2020,Bounced,,\n'
        'd@example.com,D,,,,Unconfirmed,,\n',
        [('ann@example.com', 'Ann Lee', 'confirmed'), ('bob@example.com', 'Bob', 'unsubscribed'), ('c@example.com', 'C', 'bounced'), ('d@example.com', 'D', 'pending')],
    ),
    (
        'aweber.csv',
        'utf-8',
        '"Email","Name","Message","Add Method","Stop Time","Stop Status","Misc","Date Added","Status","Verified"\n'
        '"ann@example.com","Ann Lee","5","signup","","","","01/02/2020 10:00","Subscribed","yes"\n'
        '"bob@example.com","Bob","","","01/02/20","Unsubscribed by subscriber","","01/02/2020","Unsubscribed",""\n',
        [('ann@example.com', 'Ann Lee', 'confirmed'), ('bob@example.com', 'Bob', 'unsubscribed')],
    ),
    (
        'sendgrid.csv',
        'utf-8',
        'email,first_name,last_name,address_line_1,city,state_province_region,created_at,updated_at,contact_id\n'
        'ann@example.com,Ann,Lee,,,TX,2020-01-02T10:00:00Z,,u\n',
        [('ann@example.com', 'Ann Lee', None)],
    ),
    (
        'mailgun.csv',
        'utf-8',
        'address,name,subscribed,vars\n'
        'ann@example.com,Ann,true,{}\n'
        'bob@example.com,Bob,false,{}\n',
        [('ann@example.com', 'Ann', 'confirmed'), ('bob@example.com', 'Bob', 'unsubscribed')],
    ),
    (
        'cleverreach.csv',
        'cp1252',
        'E-Mail;registriert;aktiviert;deaktiviert;Quelle;Vorname;Nachname;Bounced\n'
        'j@example.com;02.01.2020 10:00:00;02.01.2020 10:01:00;;Formular;Jürgen;Groß;0\n'
        'b@example.com;02.01.2020 10:00:00;02.01.2020 10:01:00;03.04.2021 00:00:00;Formular;Bärbel;;0\n',
        [('j@example.com', 'Jürgen Groß', None), ('b@example.com', 'Bärbel', 'unsubscribed')],
    ),
    (
        'rapidmail.csv',
        'cp1252',
        'E-Mail-Adresse;Vorname;Nachname;Status;Anmeldedatum\n'
        'j@example.com;Jürgen;Groß;aktiv;02.01.2020 10:00:00\n'
        'b@example.com;Bärbel;;abgemeldet;02.01.2020\n'
        'c@example.com;C;;inaktiv;\n'
        'd@example.com;D;;gebounct;\n',
        [('j@example.com', 'Jürgen Groß', 'confirmed'), ('b@example.com', 'Bärbel', 'unsubscribed'), ('c@example.com', 'C', 'unsubscribed'), ('d@example.com', 'D', 'bounced')],
    ),
    (
        'fr.csv',
        'cp1252',
        "Adresse e-mail;Prénom;Nom;Statut;Date d'inscription;Langue\n"
        'z@example.com;Zoé;Lefèvre;Abonné;02/01/2020;fr\n'
        'b@example.com;Benoît;;Désabonné;;fr\n'
        'c@example.com;C;;En attente;;fr\n',
        [('z@example.com', 'Zoé Lefèvre', 'confirmed'), ('b@example.com', 'Benoît', 'unsubscribed'), ('c@example.com', 'C', 'pending')],
    ),
    (
        'es.csv',
        'cp1252',
        'Correo electrónico;Nombre;Apellidos;Estado;Fecha de alta\n'
        'i@example.com;Íñigo;Muñoz;Activo;02/01/2020\n'
        'b@example.com;Begoña;;Baja;\n'
        'c@example.com;C;;Rebotado;\n',
        [('i@example.com', 'Íñigo Muñoz', 'confirmed'), ('b@example.com', 'Begoña', 'unsubscribed'), ('c@example.com', 'C', 'bounced')],
    ),
    (
        'pt.csv',
        'latin_1',
        'E-mail;Nome;Sobrenome;Situação\n'
        'j@example.com;João;Simões;Ativo\n'
        'b@example.com;Inês;;Cancelado\n',
        [('j@example.com', 'João Simões', 'confirmed'), ('b@example.com', 'Inês', 'unsubscribed')],
    ),
    (
        'it.csv',
        'mac_roman',
        'Indirizzo e-mail,Nome,Cognome,Stato\n'
        'n@example.com,Nicolò,Rossi,Iscritto\n'
        'b@example.com,Salomè,,Disiscritto\n',
        [('n@example.com', 'Nicolò Rossi', 'confirmed'), ('b@example.com', 'Salomè', 'unsubscribed')],
    ),
    (
        'nl.csv',
        'cp1252',
        'E-mailadres;Voornaam;Achternaam;Status\n'
        'n@example.com;Zoë;de Groot;Actief\n'
        'b@example.com;Bas;;Uitgeschreven\n',
        [('n@example.com', 'Zoë de Groot', 'confirmed'), ('b@example.com', 'Bas', 'unsubscribed')],
    ),
    (
        'sv.csv',
        'cp1252',
        'E-postadress;Förnamn;Efternamn;Status\n'
        'a@example.com;Åsa;Björk;Aktiv\n'
        'b@example.com;Göran;;Avregistrerad\n',
        [('a@example.com', 'Åsa Björk', 'confirmed'), ('b@example.com', 'Göran', 'unsubscribed')],
    ),
    (
        'pl.csv',
        'cp1250',
        'E-mail;Imię;Nazwisko;Status;Data dodania\n'
        'a@example.com;Łukasz;Dąbrowski;Aktywny;2020-01-02\n'
        'b@example.com;Małgorzata;;Wypisany;\n',
        [('a@example.com', 'Łukasz Dąbrowski', 'confirmed'), ('b@example.com', 'Małgorzata', 'unsubscribed')],
    ),
    (
        'cs.csv',
        'cp1250',
        'E-mail;Jméno;Příjmení;Stav\n'
        'a@example.com;Jiří;Dvořák;Přihlášen\n'
        'b@example.com;Tomáš;;Odhlášen\n',
        [('a@example.com', 'Jiří Dvořák', 'confirmed'), ('b@example.com', 'Tomáš', 'unsubscribed')],
    ),
    (
        'hu.csv',
        'cp1250',
        'E-mail cím;Vezetéknév;Keresztnév;Állapot\n'
        'a@example.com;Tőkés;Gergő;Aktív\n'
        'b@example.com;Szűcs;Ödön;Leiratkozott\n',
        [('a@example.com', 'Gergő Tőkés', 'confirmed'), ('b@example.com', 'Ödön Szűcs', 'unsubscribed')],
    ),
    (
        'tr.csv',
        'cp1254',
        'E-posta;Ad;Soyad;Durum\n'
        'a@example.com;Ayşe;Yılmaz;Aktif\n'
        'b@example.com;Çağrı;Şahin;Abonelikten çıktı\n',
        [('a@example.com', 'Ayşe Yılmaz', 'confirmed'), ('b@example.com', 'Çağrı Şahin', 'unsubscribed')],
    ),
    (
        'ru.csv',
        'cp1251',
        'Email;Имя;Фамилия;Статус;Дата подписки\n'
        'a@example.com;Иван;Петров;Активен;02.01.2020 10:00\n'
        'b@example.com;Ольга;;Отписан;\n'
        'c@example.com;Пётр;;Не подтверждён;\n'
        'd@example.com;Анна;;Недоступен;\n',
        [('a@example.com', 'Иван Петров', 'confirmed'), ('b@example.com', 'Ольга', 'unsubscribed'), ('c@example.com', 'Пётр', 'pending'), ('d@example.com', 'Анна', 'bounced')],
    ),
    (
        'ru-koi.csv',
        'koi8_r',
        'Адрес электронной почты;Имя;Статус\n'
        'a@example.com;Иван Петров;Подписан\n'
        'b@example.com;Ольга;Отписался\n',
        [('a@example.com', 'Иван Петров', 'confirmed'), ('b@example.com', 'Ольга', 'unsubscribed')],
    ),
    (
        'zh-survey.csv',
        'gb18030',
        '序号,提交答卷时间,姓名,您的邮箱,所在城市,是否订阅\n'
        '1,2024/1/2 10:00:00,李雷,li@example.com,北京,是\n'
        '2,2024/1/2 10:00:00,韩梅梅,han@example.com,上海,否\n',
        [('li@example.com', '李雷', 'confirmed'), ('han@example.com', '韩梅梅', 'unsubscribed')],
    ),
    (
        'zh.csv',
        'gb18030',
        '电子邮件地址\t姓名\t订阅状态\t订阅时间\n'
        'li@example.com\t李雷\t已订阅\t2024-01-02 10:00:00\n'
        'han@example.com\t韩梅梅\t已退订\t2024-01-02\n'
        'w@example.com\t王小明\t待确认\t\n',
        [('li@example.com', '李雷', 'confirmed'), ('han@example.com', '韩梅梅', 'unsubscribed'), ('w@example.com', '王小明', 'pending')],
    ),
    (
        'qq-contacts.csv',
        'gb18030',
        '姓名,电子邮件地址,手机\n'
        '李雷,li@example.com,138\n',
        [('li@example.com', '李雷', None)],
    ),
    (
        'foxmail.csv',
        'gb18030',
        '名,姓,姓名,昵称,电子邮件地址,移动电话\n'
        '雷,李,李雷,,li@example.com,\n',
        [('li@example.com', '李雷', None)],
    ),
    (
        'tw.csv',
        'big5',
        '電子郵件地址,姓名,狀態\n'
        'chen@example.com,陳怡君,已訂閱\n'
        'lin@example.com,林志明,取消訂閱\n',
        [('chen@example.com', '陳怡君', 'confirmed'), ('lin@example.com', '林志明', 'unsubscribed')],
    ),
    (
        'ja.csv',
        'cp932',
        'メールアドレス,氏名,登録日時,配信状態\n'
        'sato@example.com,佐藤 健,2024/01/02 10:00:00,配信中\n'
        'suzuki@example.com,鈴木 愛,2024/01/02 10:00:00,配信停止\n'
        't@example.com,田中,2024/01/02,エラー停止\n',
        [('sato@example.com', '佐藤 健', 'confirmed'), ('suzuki@example.com', '鈴木 愛', 'unsubscribed'), ('t@example.com', '田中', 'bounced')],
    ),
    (
        'ja2.csv',
        'euc_jp',
        'E-mail,姓,名,登録日,ステータス\n'
        'sato@example.com,佐藤,健,2024年1月2日,有効\n',
        [('sato@example.com', '佐藤健', 'confirmed')],
    ),
    (
        'ko.csv',
        'cp949',
        '이메일 주소,이름,구독일,상태\n'
        'kim@example.com,김민준,2024-01-02,구독중\n'
        'park@example.com,박서연,2024-01-02,수신거부\n',
        [('kim@example.com', '김민준', 'confirmed'), ('park@example.com', '박서연', 'unsubscribed')],
    ),
    (
        'el.csv',
        'cp1253',
        'Email;Όνομα;Επώνυμο\n'
        'e@example.com;Ελένη;Παπαδοπούλου\n',
        [('e@example.com', 'Ελένη Παπαδοπούλου', None)],
    ),
    (
        'sep.csv',
        'utf-8',
        'sep=;\r\nE-Mail;Name\r\na@example.com;Ann\r\n',
        [('a@example.com', 'Ann', None)],
    ),
    (
        'sep-utf16.csv',
        'utf-16',
        'sep=\t\r\nE-Mail\tName\r\na@example.com\tÄnn\r\n',
        [('a@example.com', 'Änn', None)],
    ),
    (
        'nul.csv',
        'utf-8',
        'email,name\n'
        'a@example.com,A\x00nn\n'
        '\n'
        '\n'
        'b@example.com,Bob\n',
        [('a@example.com', 'Ann', None), ('b@example.com', 'Bob', None)],
    ),
    (
        'title-lines.csv',
        'utf-8',
        'Mailing list export\n'
        'Generated 2024-01-02\n'
        '\n'
        'Email,Name\n'
        'a@example.com,Ann\n',
        [('a@example.com', 'Ann', None)],
    ),
    (
        'quoted-nl.csv',
        'utf-8',
        'email,name,note\n'
        'a@example.com,"Ann ""The"" Lee","line one\n'
        'line two"\n'
        'b@example.com,Bob,x\n',
        [('a@example.com', 'Ann "The" Lee', None), ('b@example.com', 'Bob', None)],
    ),
    (
        'trailing.csv',
        'utf-8',
        'email,name,\n'
        'a@example.com,Ann,\n'
        'b@example.com,Bob,,,\n',
        [('a@example.com', 'Ann', None), ('b@example.com', 'Bob', None)],
    ),
    (
        'ragged.csv',
        'utf-8',
        'email,name,city\n'
        'a@example.com\n'
        'b@example.com,Bob\n'
        'c@example.com,C,Graz,extra\n',
        [('a@example.com', '', None), ('b@example.com', 'Bob', None), None],
    ),
    (
        'noheader.csv',
        'utf-8',
        'a@example.com,Ann\n'
        'b@example.com,Bob\n',
        [('a@example.com', 'Ann', None), ('b@example.com', 'Bob', None)],
    ),
    (
        'noheader-one.csv',
        'utf-8',
        'a@example.com\n'
        'b@example.com\n'
        '\n'
        'not one\n',
        [('a@example.com', '', None), ('b@example.com', '', None), None],
    ),
    (
        'noheader-name-first.csv',
        'utf-8',
        'Ann Lee;a@example.com;2020-01-02\n'
        'Bob;b@example.com;2020-01-02\n',
        [('a@example.com', 'Ann Lee', None), ('b@example.com', 'Bob', None)],
    ),
    (
        'duphead.csv',
        'utf-8',
        'email,name,email,name\n'
        'a@example.com,Ann,a2@example.com,Other\n',
        [('a@example.com', 'Ann', None)],
    ),
    (
        'angle.csv',
        'utf-8',
        'Email\n'
        '"Ann Lee <a@example.com>"\n'
        '"""Lee, Bob"" <b@example.com>"\n'
        '<c@example.com>\n'
        'mailto:d@example.com\n'
        'd2@example.com;\n',
        [('a@example.com', 'Ann Lee', None), ('b@example.com', 'Lee, Bob', None), ('c@example.com', '', None), ('d@example.com', '', None), ('d2@example.com', '', None)],
    ),
    (
        'spaces.csv',
        'utf-8',
        'Email Address , Full Name \n'
        '  a@example.com  ,  Ann  Lee \n'
        '\xa0b@example.com\xa0,\u200bBob\n',
        [('a@example.com', 'Ann  Lee', None), ('b@example.com', 'Bob', None)],
    ),
    (
        'pipe.txt',
        'utf-8',
        'email|name\n'
        'a@example.com|Ann\n',
        [('a@example.com', 'Ann', None)],
    ),
    (
        'semi-in-name.csv',
        'utf-8',
        'name,email\n'
        '"Lee; Ann",a@example.com\n',
        [('a@example.com', 'Lee; Ann', None)],
    ),
    (
        'quoted-tab.tsv',
        'utf-8',
        '"email"\t"name"\n'
        '"a@example.com"\t"Ann\tLee"\n',
        [('a@example.com', 'Ann Lee', None)],
    ),
    (
        'cr.csv',
        'utf-8',
        'email,name\ra@example.com,Ann\rb@example.com,Bob\r',
        [('a@example.com', 'Ann', None), ('b@example.com', 'Bob', None)],
    ),
    (
        'single-quotes.csv',
        'utf-8',
        "'email','name'\n"
        "'a@example.com','Ann'\n",
        [('a@example.com', 'Ann', None)],
    ),
    (
        'backslash.csv',
        'utf-8',
        'email,name\n'
        'a@example.com,"Ann \\"Bee\\" Lee"\n'
        'b@example.com,Bob\n',
        [('a@example.com', 'Ann "Bee" Lee', None), ('b@example.com', 'Bob', None)],
    ),
    (
        'status-num.csv',
        'utf-8',
        'email,status\n'
        'a@example.com,1\n'
        'b@example.com,0\n',
        [('a@example.com', '', 'confirmed'), ('b@example.com', '', 'unsubscribed')],
    ),
    (
        'sub-unsub.csv',
        'utf-8',
        'email,unsubscribed\n'
        'a@example.com,0\n'
        'b@example.com,1\n',
        [('a@example.com', '', None), ('b@example.com', '', 'unsubscribed')],
    ),
    (
        'optout.csv',
        'utf-8',
        'email,opt_out,bounced\n'
        'a@example.com,FALSE,FALSE\n'
        'b@example.com,TRUE,FALSE\n'
        'c@example.com,FALSE,TRUE\n',
        [('a@example.com', '', None), ('b@example.com', '', 'unsubscribed'), ('c@example.com', '', 'bounced')],
    ),
    (
        'unsub-date.csv',
        'utf-8',
        'Email,Unsubscribed At,Bounced At\n'
        'a@example.com,,\n'
        'b@example.com,2023-01-01,\n'
        'c@example.com,,2023-02-02\n',
        [('a@example.com', '', None), ('b@example.com', '', 'unsubscribed'), ('c@example.com', '', 'bounced')],
    ),
    (
        'substack-dashboard.csv',
        'utf-8',
        'Email,Name,Stripe plan,Cancel date,Start date,Type,Email disabled,Subscription source\n'
        'ann@example.com,Ann,,,2023-01-02T10:00:00Z,Free,false,import\n'
        'bob@example.com,Bob,,,2023-01-02T10:00:00Z,Free,true,import\n',
        [('ann@example.com', 'Ann', 'confirmed'), ('bob@example.com', 'Bob', 'unsubscribed')],
    ),
    (
        'postmark.csv',
        'utf-8',
        'EmailAddress,SuppressionReason,Origin,CreatedAt\n'
        'a@example.com,HardBounce,Recipient,2023-01-02T10:00:00-05:00\n'
        'b@example.com,SpamComplaint,Recipient,2023-01-02T10:00:00-05:00\n'
        'c@example.com,ManualSuppression,Customer,2023-01-02T10:00:00-05:00\n',
        [('a@example.com', '', 'bounced'), ('b@example.com', '', 'complained'), ('c@example.com', '', 'unsubscribed')],
    ),
    ('unsubscribed.csv', 'utf-8', 'Email,Name\na@example.com,Ann\n', [('a@example.com', 'Ann', 'unsubscribed')]),
    ('退订名单.csv', 'gb18030', '邮箱,姓名\na@example.com,李雷\n', [('a@example.com', '李雷', 'unsubscribed')]),
    ('unsubscribed-2024.csv', 'utf-8', 'Email,Status\na@example.com,active\n', [('a@example.com', '', 'confirmed')]),
    ('reports.csv', 'utf-8', 'Email\na@example.com\n', [('a@example.com', '', None)]),
    (
        'suppression_bounces.csv',
        'utf-8',
        'status,reason,email,created\n5.1.1,550 no such user,a@example.com,1672653600\n',
        [('a@example.com', '', 'bounced')],
    ),
    (
        'mailman3.csv',
        'utf-8',
        'email,display_name,delivery_status\n'
        'a@example.com,Ann,enabled\nb@example.com,B,by_bounces\nc@example.com,C,by_user\n',
        [('a@example.com', 'Ann', None), ('b@example.com', 'B', 'bounced'), ('c@example.com', 'C', 'unsubscribed')],
    ),
    (
        'mailpoet-lists.csv',
        'utf-8',
        'Email,Global status,List status\n'
        'a@example.com,Subscribed,Unsubscribed\nb@example.com,Subscribed,Subscribed\nc@example.com,Unsubscribed,Subscribed\n',
        [('a@example.com', '', 'unsubscribed'), ('b@example.com', '', 'confirmed'), ('c@example.com', '', 'unsubscribed')],
    ),
    (
        'pardot.csv',
        'utf-8',
        'Email,Opted Out,Do Not Email,Email Bounced Reason\n'
        'a@example.com,0,0,\nb@example.com,1,0,\nc@example.com,0,1,\nd@example.com,0,0,550 no user\n',
        [('a@example.com', '', None), ('b@example.com', '', 'unsubscribed'), ('c@example.com', '', 'unsubscribed'), ('d@example.com', '', 'bounced')],
    ),
    (
        'mailjet.csv',
        'utf-8',
        'email,name,unsub,active\na@example.com,Ann,false,true\nb@example.com,B,true,true\nc@example.com,C,false,false\n',
        [('a@example.com', 'Ann', 'confirmed'), ('b@example.com', 'B', 'unsubscribed'), ('c@example.com', 'C', 'pending')],
    ),
    (
        'zero-dates.csv',
        'utf-8',
        'email,unsubscribed_at,opted_out\n'
        'a@example.com,0000-00-00 00:00:00,F\nb@example.com,2023-01-02 10:00:00,F\nc@example.com,0000-00-00 00:00:00,T\n',
        [('a@example.com', '', None), ('b@example.com', '', 'unsubscribed'), ('c@example.com', '', 'unsubscribed')],
    ),
    (
        'shop.csv',
        'utf-8',
        'First Name,Email,Accepts Email Marketing,Accepts SMS Marketing\nAnn,a@example.com,yes,no\nBob,b@example.com,no,yes\n',
        [('a@example.com', 'Ann', 'confirmed'), ('b@example.com', 'Bob', 'unsubscribed')],
    ),
    (
        'wix.csv',
        'utf-8-sig',
        'Email 1,First Name,Email subscriber status,SMS subscriber status\n'
        'a@example.com,Ann,Subscribed,Unsubscribed\nb@example.com,B,Never subscribed,\nc@example.com,C,Unsubscribed,Subscribed\n',
        [('a@example.com', 'Ann', 'confirmed'), ('b@example.com', 'B', 'pending'), ('c@example.com', 'C', 'unsubscribed')],
    ),
    (
        'states.csv',
        'utf-8',
        'Email,State\na@example.com,IN\nb@example.com,TX\nc@example.com,CA\n',
        [('a@example.com', '', None), ('b@example.com', '', None), ('c@example.com', '', None)],
    ),
    (
        'de-ja-nein.csv',
        'cp1252',
        'E-Mail;Name;Newsletter\na@example.com;Jürgen;ja\nb@example.com;Bärbel;nein\n',
        [('a@example.com', 'Jürgen', 'confirmed'), ('b@example.com', 'Bärbel', 'unsubscribed')],
    ),
    (
        'put-together.csv',
        'utf-8-sig',
        'Email,Name\na@example.com,Ann\n\ufeffEmail,Name\nb@example.com,Bob\n\x1a',
        [('a@example.com', 'Ann', None), ('b@example.com', 'Bob', None)],
    ),
    (
        'each-line-a-cell.csv',
        'utf-8',
        '"Email,Name"\n"a@example.com,Ann"\n"b@example.com,""Ray, Bob"""\n',
        [('a@example.com', 'Ann', None), ('b@example.com', 'Ray, Bob', None)],
    ),
    ('round-quotes.csv', 'utf-8', '“Email”,“Name”\n“a@example.com”,“Lee, Ann”\n', [('a@example.com', 'Lee, Ann', None)]),
    ('smart-quotes.csv', 'cp1252', 'Email,Name\na@example.com,“Ann” O’Neil\n', [('a@example.com', '“Ann” O’Neil', None)]),
    ('formulas.csv', 'utf-8', 'Email,Name\n"=""a@example.com""","=""007"""\n', [('a@example.com', '007', None)]),
    (
        'beside.txt',
        'utf-8',
        'a@example.com   Ann Lee\nb@example.com (Bob Ray)\n\'c@example.com\'\n',
        [('a@example.com', 'Ann Lee', None), ('b@example.com', 'Bob Ray', None), ('c@example.com', '', None)],
    ),
    (
        'several-in-a-line.txt',
        'utf-8',
        'a@example.com b@example.com\nc@example.com\n',
        [('a@example.com', '', None), ('b@example.com', '', None), ('c@example.com', '', None)],
    ),
    (
        'noheader-statuses.csv',
        'utf-8',
        '1;Ann;a@example.com;active\n2;Bob;b@example.com;unsubscribed\n',
        [('a@example.com', 'Ann', 'confirmed'), ('b@example.com', 'Bob', 'unsubscribed')],
    ),
    (
        'aweber-stopped.csv',
        'cp1252',
        'Email,Name,Stop Status,Stop Time,Verified\na@example.com,Renée,,,yes\n'
        'b@example.com,Bo,unsubscribed,03/01/23 00:00,yes\nc@example.com,Cy,undeliverable,03/01/23 00:00,yes\n',
        [('a@example.com', 'Renée', 'confirmed'), ('b@example.com', 'Bo', 'unsubscribed'), ('c@example.com', 'Cy', 'bounced')],
    ),
    (
        'permission.csv',
        'utf-8',
        'Email address,First name,Email status,Email permission status\na@example.com,Ann,Active,Express\n'
        'b@example.com,Bo,Active,Awaiting confirmation\n',
        [('a@example.com', 'Ann', 'confirmed'), ('b@example.com', 'Bo', 'pending')],
    ),
    (
        'mautic.csv',
        'utf-8',
        'id,firstname,email,dnc_email\n1,Ann,a@example.com,\n2,Bo,b@example.com,1\n',
        [('a@example.com', 'Ann', None), ('b@example.com', 'Bo', 'unsubscribed')],
    ),
    ('suppression_spam_reports.csv', 'utf-8', 'ip,email,created\n192.0.2.1,a@example.com,1672628645\n', [('a@example.com', '', 'complained')]),
    (
        '会員一覧.csv',
        'cp932',
        '氏名,メールアドレス,配信状況\n高橋 一郎,a@example.com,配信中\n表 花子,b@example.com,配信停止\n',
        [('a@example.com', '高橋 一郎', 'confirmed'), ('b@example.com', '表 花子', 'unsubscribed')],
    ),
    (
        '회원.csv',
        'euc_kr',
        '이름,이메일,수신동의\n김철수,a@example.com,동의\n이영희,b@example.com,거부\n',
        [('a@example.com', '김철수', 'confirmed'), ('b@example.com', '이영희', 'unsubscribed')],
    ),
    ('wj.csv', 'utf-8-sig', '编号,1.您的姓名,2.您的邮箱,3.城市\n1,周杰,a@example.com,上海\n', [('a@example.com', '周杰', None)]),
    ('manuyim.csv', 'cp1255', 'שם,דוא"ל\nדנה כהן,a@example.com\n', [('a@example.com', 'דנה כהן', None)]),
    ('mushtarikun.csv', 'cp1256', 'الاسم,البريد الإلكتروني\nأحمد علي,a@example.com\n', [('a@example.com', 'أحمد علي', None)]),
    ('samachik.csv', 'cp874', 'ชื่อ,อีเมล\nสมชาย ใจดี,a@example.com\n', [('a@example.com', 'สมชาย ใจดี', None)]),
    (
        'klaviyo-suppressed.csv',
        'utf-8',
        'Email,First Name,Email Marketing Consent,Email Suppressions\na@example.com,Ann,SUBSCRIBED,[]\n'
        'b@example.com,Bo,SUBSCRIBED,"[""HARD_BOUNCE""]"\nc@example.com,Cy,SUBSCRIBED,"[""HARD_BOUNCE"", ""UNSUBSCRIBE""]"\n',
        [('a@example.com', 'Ann', 'confirmed'), ('b@example.com', 'Bo', 'bounced'), ('c@example.com', 'Cy', 'unsubscribed')],
    ),
    (
        'cleverreach-left.csv',
        'cp1252',
        '"email";"activated";"deactivated";"bounced"\n"a@example.de";"2022-02-02 10:01:00";"";"0"\n'
        '"b@example.de";"2022-02-02 10:01:00";"2023-03-03 10:00:00";"0"\n"c@example.de";"";"";"0"\n',
        [('a@example.de', '', 'confirmed'), ('b@example.de', '', 'unsubscribed'), ('c@example.de', '', None)],
    ),
    (
        'optout-reason.csv',
        'utf-8',
        'Email,Status,Opt-out reason\na@example.com,active,\nb@example.com,active,too many mails\n',
        [('a@example.com', '', 'confirmed'), ('b@example.com', '', 'unsubscribed')],
    ),
    (
        'accounts.csv',
        'utf-8',
        'username,email,is_active,email_verified\nann,a@example.com,true,true\nbo,b@example.com,false,true\ncy,c@example.com,true,false\n',
        [('a@example.com', 'ann', None), ('b@example.com', 'bo', 'pending'), ('c@example.com', 'cy', 'pending')],
    ),
    (
        'tested-addresses.csv',
        'utf-8',
        'email,status\na@example.com,valid\nb@example.com,invalid\nc@example.com,catch-all\nd@example.com,deliverable\n',
        [('a@example.com', '', None), ('b@example.com', '', 'bounced'), ('c@example.com', '', None), ('d@example.com', '', None)],
    ),
    (
        'phplist.txt',
        'latin_1',
        'Email\tIs this subscriber confirmed ?\tIs this subscriber blacklisted ?\tname\n'
        'a@example.com\t1\t0\tÉmile\nb@example.com\t0\t0\tB\nc@example.com\t1\t1\tC\n',
        [('a@example.com', 'Émile', 'confirmed'), ('b@example.com', 'B', 'pending'), ('c@example.com', 'C', 'unsubscribed')],
    ),
    (
        'excluded.csv',
        'utf-8',
        'Email,Name,IsExcludedFromCampaigns\na@example.fr,Théo,false\nb@example.fr,Nô,true\n',
        [('a@example.fr', 'Théo', None), ('b@example.fr', 'Nô', 'unsubscribed')],
    ),
    (
        'kit.json',
        'utf-8',
        '{"subscribers": [{"id": 1, "first_name": "Ann", "email_address": "a@example.com", "state": "active", "fields": {"last_name": "Ünal"}},'
        '{"id": 2, "first_name": "Bo", "email_address": "b@example.com", "state": "inactive", "fields": {}}]}',
        [('a@example.com', 'Ann Ünal', 'confirmed'), ('b@example.com', 'Bo', 'pending')],
    ),
    (
        'mailman-rest.json',
        'utf-8',
        '{"entries": [{"address": "http://localhost/3.1/addresses/a@example.org", "email": "a@example.org", "display_name": "Rêve"}]}',
        [('a@example.org', 'Rêve', None)],
    ),
    ('stibee.csv', 'cp949', '이메일 주소,이름,상태\na@example.kr,박지성,구독중\nb@example.kr,이강인,자동삭제\n', [('a@example.kr', '박지성', 'confirmed'), ('b@example.kr', '이강인', 'bounced')]),
    ('cleaned.csv', 'utf-8', 'Email Address,LEID,EUID,CLEAN_TIME\na@example.com,1,x,2023-01-01 00:00:00\n', [('a@example.com', '', 'bounced')]),
    ('会員.csv', 'cp932', 'お名前,メールアドレス,登録日\n髙橋 ﾀﾛｳ,a@example.jp,2023/4/1\n', [('a@example.jp', '髙橋 ﾀﾛｳ', None)]),
    ('qiyeyou.csv', 'gb18030', '姓名（必填）,邮箱（必填）,部门（选填）\n䶮某,a@example.cn,研发\n', [('a@example.cn', '䶮某', None)]),
    ('turned.csv', 'utf-8', 'Email,First Name,Last Name\na@example.cn,小明,王\nb@example.cn,王,小明\nc@example.kr,김,민준\nd@example.cn,修,欧阳\n', [('a@example.cn', '王小明', None), ('b@example.cn', '王小明', None), ('c@example.kr', '김민준', None), ('d@example.cn', '欧阳修', None)]),
    ('afskrift.csv', 'cp1252', 'Netfang;Nafn\na@example.is;Þórður Guðmundsson\n', [('a@example.is', 'Þórður Guðmundsson', None)]),
    ('lt.csv', 'cp1257', 'El. paštas;Vardas;Pavardė\na@example.lt;Žygimantas;Šiaučiūnas\n', [('a@example.lt', 'Žygimantas Šiaučiūnas', None)]),
    ('ro.csv', 'cp1250', 'Email;Prenume;Nume\na@example.ro;Cătălina;Brânză\n', [('a@example.ro', 'Cătălina Brânză', None)]),
    ('card.csv', 'utf-8', '"Formatted Name","Name","Email Address"\n"Steve Ωmega","Ωmega;Steve;;;","a@example.com"\n', [('a@example.com', 'Steve Ωmega', None)]),
    ('blanks.csv', 'utf-8', 'email, name, city\na@example.com, "Doe, John", "St. John\'s"\nb@example.com, 5" disk, Bonn\n', [('a@example.com', 'Doe, John', None), ('b@example.com', '5" disk', None)]),
    ('utf16.csv', 'utf-16-le', 'email,name\na@example.com,Plain Jane\n', [('a@example.com', 'Plain Jane', None)]),
    ('utf32be.csv', 'utf-32-be', 'email,name\na@example.com,Plain Jane\n', [('a@example.com', 'Plain Jane', None)]),
    ('epaper.csv', 'big5', '"會員編號","暱稱","電子信箱","訂閱電子報"\n"001","阿功","a@example.tw","是"\n"002","小許","b@example.tw","否"\n', [('a@example.tw', '阿功', 'confirmed'), ('b@example.tw', '小許', 'unsubscribed')]),
    ('permit.csv', 'cp1254', 'EMAIL|ADI|SOYADI|EMAIL_PERMIT\na@example.com.tr|Gökçe|Işıldak|Y\nb@example.com.tr|Uğur|Çınar|N\n', [('a@example.com.tr', 'Gökçe Işıldak', 'confirmed'), ('b@example.com.tr', 'Uğur Çınar', 'unsubscribed')]),
    ('umlaut.csv', 'cp1252', 'E-Mail;Name\na@example.de;Ä\n', [('a@example.de', 'Ä', None)]),
    ('kunden.csv', 'utf-8', '客户名称,邮箱\n阿珍🌸,a@example.cn\n', [('a@example.cn', '阿珍🌸', None)]),
    ('zeros.csv', 'utf-8', 'email,name\n' + '\0' * 300 + '\na@example.com,Ann\n', [('a@example.com', 'Ann', None)]),
    ('utf32.csv', 'utf-32-le', '邮箱,姓名\na@example.com,李雷\n', [('a@example.com', '李雷', None)]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "encoding", "text", "expected"), FILES, ids=[name for name, *_ in FILES]
)
def test_each_line_of_an_export_is_read_as_its_product_meant_it(
    tmp_path: Path, name: str, encoding: str, text: str, expected: list[Told]
) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    found = [
        (row.address.email, row.name, str(row.status) if row.status else None)
        if isinstance(row, Row)
        else None
        for row in open_import(path).rows
    ]
    assert found == expected


def test_a_quote_that_is_never_closed_costs_its_line_and_not_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    many = "".join(f"p{number}@example.com,P\n" for number in range(500))
    path.write_text(f'email,name\na@example.com,Ann "Bee" Lee\nb@example.com,"Bob\n{many}')
    found = list(open_import(path).rows)
    assert len(found) == 502
    (rejected,) = [one for one in found if not isinstance(one, Row)]
    assert (rejected.line, rejected.text, rejected.reason) == (
        3,
        "b@example.com",
        "it opens a quote that is never closed",
    )
    good = [one for one in found if isinstance(one, Row)]
    assert (good[0].name, good[-1].line) == ('Ann "Bee" Lee', 503)


def test_two_addresses_in_a_cell_are_not_guessed_at(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        'Email,Name\na@example.com; b@example.com,Ann\n"c@example.com, d@example.com",C\n'
    )
    told = [(one.line, getattr(one, "reason", "")) for one in open_import(path).rows]
    reason = "there are two addresses in one cell: give each a line of its own"
    assert told == [(2, reason), (3, reason)]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-01-02T10:11:12Z", "2024-01-02T10:11:12+00:00"),
        ("2024-01-02 10:11:12 +0200", "2024-01-02T08:11:12+00:00"),
        ("2024-01-02 10:11:12 UTC", "2024-01-02T10:11:12+00:00"),
        ("2024/1/2 10:11", "2024-01-02T10:11:00+00:00"),
        ("31/01/2024", "2024-01-31T00:00:00+00:00"),
        ("01/31/2024 03:04 PM", "2024-01-31T15:04:00+00:00"),
        ("03/04/2024", None),
        ("02.01.2024 10:00:00", "2024-01-02T10:00:00+00:00"),
        ("2024年1月2日", "2024-01-02T00:00:00+00:00"),
        ("Jan 2, 2024", "2024-01-02T00:00:00+00:00"),
        ("Tue, 02 Jan 2024 10:11:12 GMT", "2024-01-02T10:11:12+00:00"),
        ("1704190272", "2024-01-02T10:11:12+00:00"),
        ("never", None),
        ("13800138000", None),
    ],
)
def test_a_time_is_read_when_it_can_be_read_in_one_way(
    tmp_path: Path, text: str, moment: str | None
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(f'email,confirmed_at\na@example.com,"{text}"\n', encoding="utf-8")
    (row,) = open_import(path).rows
    assert isinstance(row, Row)
    assert (row.consent.when.isoformat() if row.consent else None) == moment
    assert moment or row.attributes["consent_when"] == text


def _names(path: Path, content: bytes) -> list[tuple[str, str]]:
    path.write_bytes(content)
    return [(row.address.email, row.name) for row in open_import(path).rows if isinstance(row, Row)]


def test_a_file_in_utf_8_with_a_little_of_another_encoding_keeps_what_is_right(
    tmp_path: Path,
) -> None:
    lines = "".join(f"p{number}@example.com,Müller\n" for number in range(4)).encode()
    found = _names(tmp_path / "p.csv", b"email,name\n" + lines + b"j@example.com,J\xfcrgen\n")
    assert [name for _, name in found] == ["Müller"] * 4 + ["Jürgen"]


def test_addresses_in_a_row_are_people_each(tmp_path: Path) -> None:
    assert _names(tmp_path / "to.txt", b"a@example.com, b@example.com\nc@example.com\n") == [
        ("a@example.com", ""),
        ("b@example.com", ""),
        ("c@example.com", ""),
    ]
    assert _names(tmp_path / "to.txt", b"Ann <a@example.com>; Bob <b@example.com>;") == [
        ("a@example.com", "Ann"),
        ("b@example.com", "Bob"),
    ]


def test_a_sign_alone_is_not_taken_for_a_letter_of_another_script(tmp_path: Path) -> None:
    path = tmp_path / "paid.csv"
    path.write_bytes("email;paid\na@example.com;12,50 €\n".encode("cp1252"))
    (row,) = open_import(path).rows
    assert isinstance(row, Row)
    assert row.attributes == {"paid": "12,50 €"}


def test_a_long_cell_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("email,note\na@example.com," + "x" * 200_000 + "\n")
    (row,) = open_import(path).rows
    assert isinstance(row, Row)
    assert len(row.attributes["note"]) == 200_000


def test_columns_of_one_name_keep_what_each_holds(tmp_path: Path) -> None:
    path = tmp_path / "tags.csv"
    path.write_text("Email,Tag,Tag\na@example.com,vip,graz\n")
    (row,) = open_import(path).rows
    assert isinstance(row, Row)
    assert row.attributes == {"Tag": "vip", "Tag 2": "graz"}


def test_a_file_without_a_header_keeps_every_cell(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Lee,Ann,a@example.com,Graz\n")
    (row,) = open_import(path).rows
    assert isinstance(row, Row)
    assert (row.name, row.attributes) == ("Lee", {"column 2": "Ann", "column 4": "Graz"})
