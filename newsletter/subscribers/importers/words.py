"""The words of other products and languages: how columns are called, and what is written in those of a status.

Compared without case, spaces, hyphens, underscores and points. Where a word means two things in two languages, what
the column holds decides (`columns.settled`).
"""

from __future__ import annotations

from newsletter.model.subscriber import Status

COLUMNS = {
    "email": "email mail address emailaddress subscriberemail contactemail useremail emailvalue subscriber "
    "email1value emailadresse adresseemail adressemail courriel correoelectronico correo direccióndecorreo "
    "direcciondecorreoelectronico endereçodeemail indirizzoemail postaelettronica emailadres epost epostadress "
    "epostadresse eposta epostaadresi emailcím sähköposti sähköpostiosoite adresemail adresaemail adresemailowy "
    "elpaštas elpaštoadresas epasts epastaadrese emailováadresa netfang tölvupóstfang correuelectrònic "
    "邮箱 电子邮箱 邮件 邮件地址 电子邮件 电子邮件地址 邮箱地址 电子邮箱地址 邮箱账号 電郵 電郵地址 電子郵件 電子郵件地址 電子郵箱 "
    "電子信箱 信箱 メール メールアドレス eメール eメールアドレス 電子メール 電子メールアドレス 이메일 이메일주소 메일주소 전자우편 "
    "почта электроннаяпочта адресэлектроннойпочты емейл имейл элпочта елпошта електроннапошта "
    "ημάιλ ηλταχυδρομείο địachỉemail alamatemail ईमेल ایمیل youremail youremailaddress whatisyouremail 您的邮箱 你的邮箱 您的电子邮箱 דואל אימייל البريدالإلكتروني البريدالالكتروني الإيميل อีเมล อีเมล์",
    "name": "name fullname formattedname displayname subscribername contactname username nombre nom nome naam namn navn nimi imię "
    "jméno meno név ad isim adsoyad adısoyadı nombrecompleto nomcomplet nomecompleto nomecognome nume numecomplet nafn fulltnafn teljesnév imeiprezime vardaspavardė vardasirpavardė vārdsuzvārds όνομα ονοματεπώνυμο "
    "姓名 名字 名称 称呼 昵称 暱稱 真实姓名 客户名称 客户姓名 联系人 联系人姓名 用户姓名 会员姓名 會員姓名 稱呼 氏名 お名前 名前 이름 성명 имя фио ім'я име "
    "yourname yourfullname whatisyourname whatsyourname 您的姓名 你的姓名 您的名字 您的称呼 שם שםמלא الاسم الاسمالكامل ชื่อ ชื่อนามสกุล tên họtên họvàtên nama namalengkap नाम نام",
    "first_name": "firstname fname givenname forename vorname prénom prenom primeronombre primernome primeironome "
    "voornaam förnamn fornavn etunimi keresztnév utónév křestníjméno krstnémeno ilkisim adi adı vardas vārds eesnimi prenume fornafn eiginnafn namadepan 名 שםפרטי الاسمالأول",
    "last_name": "lastname lname surname familyname nachname familienname apellido apellidos nomdefamille sobrenome "
    "cognome achternaam efternamn etternavn efternavn sukunimi nazwisko příjmení priezvisko vezetéknév soyad soyadı soyadi últimonome ultimonome "
    "soyisim pavardė uzvārds perekonnanimi perenimi prezime priimek numedefamilie eftirnafn cognom cognoms namabelakang họ επώνυμο 姓 фамилия прізвище презиме שםמשפחה اسمالعائلة นามสกุล",
    "language": "language lang locale preferredlanguage sprache langue idioma lingua taal språk sprog język jazyk "
    "nyelv dil 语言 語言 言語 언어 язык",
    "status": "status state subscriptionstatus emailstatus subscriberstatus globalstatus liststatus subscribed "
    "emailmarketingconsent emailmarketingstatus marketingconsent issubscribed acceptsemailmarketing acceptsmarketing "
    "emailconsent emailoptin emailoptinstatus newsletter newslettersubscribed newsletterabo infolettre boletín "
    "statut estado situação situacao stato "
    "stav tila állapot durum emailpermit epostaizni 状态 狀態 订阅状态 訂閱狀態 订阅电子报 是否订阅电子报 訂閱電子報 是否訂閱電子報 是否订阅 ステータス 状態 配信状態 配信ステータス 상태 구독상태 статус состояние "
    "stopstatus permissionstatus emailpermissionstatus emailpermission 订阅情况 訂閱情況 是否訂閱 配信状況 購読状況 購読状態 会員状態 メール配信 수신동의 "
    "수신여부 수신동의여부 메일수신동의 이메일수신동의 마케팅수신동의 구독여부",
    "created": "created createdat createdon datecreated createdate creationdate creationtime dateadded addedat addedtime "
    "addedon entered importedat datadodania erstelltam 创建时间 加入日期 加入时间 加入時間 建立時間 作成日時 登録日 登録日時 등록일",
    "consent_when": "consentwhen consenttime consentdate consentat optintime optindate optinat optintimestamp "
    "confirmtime confirmedat confirmdate confirmationtime subscribedat subscribedon subscribeddate datesubscribed "
    "subscribedate subscriptiondate subscriptiontime signupdate signuptime signedupat joindate datejoined joinedat "
    "emailmarketingconsenttimestamp timestampopt aktiviert anmeldedatum angemeldetam dateinscription datedinscription "
    "fechadealta fechadesuscripción dataiscrizione дата датаподписки datadiiscrizione datazapisu datumpřihlášení datumprihlášenia aboneliktarihi 订阅时间 订阅日期 同意时间 訂閱時間 購読開始日 購読日 구독일",
    "consent_source": "consentsource optinsource",
    "consent_text": "consenttext consent optinconsent gdprconsent 同意",
    "consent_ip": "consentip ipopt optinip confirmip signupip optinipaddress",
    "list": "list",
    "suppressed": "suppressed",
    "unsubscribed": "unsubscribed unsubscribedat unsubscribedon unsubscribedate unsubscribeddate dateunsubscribed "
    "unsubscribetime unsubtime unsubscriptiondate isunsubscribed unsubscribedfromallemail optout optedout optoutdate "
    "optouttime optedoutat hasoptedout hasoptedoutofemail emailoptout confirmedoptoutdate blacklisted blocklisted "
    "emailblacklisted isblacklisted emaildisabled donotemail donotcontact dnc dncemail emaildnc isexcludedfromcampaigns deactivated deactivatedat deaktiviert abgemeldet abgemeldetam désinscrit "
    "datededésinscription 退订时间 是否退订 取消订阅时间 退訂時間 配信停止日",
    "bounced": "bounced bouncedat bouncedate datebounced isbounced hardbounced hardbounce hardbouncedat ishardbounced "
    "emailhardbouncereason emailbouncedreason bounceback isbounceback emailbounced undeliverable cleanedat cleaned 退信时间",
    "complained": "complained complainedat complaint complaintdate markedasspam spamreport spamcomplaint "
    "reportedspam isspam abusecomplaint",
    "confirmed": "confirmed isconfirmed active isthissubscriberconfirmed isthisuserconfirmed verified isverified emailconfirmed activated doubleoptin doubleoptinconfirmed",
    "active": "isactive accountactive emailverified isemailverified",
}
"""By the field that a column is: what products and people call it."""

STATUSES = {
    Status.CONFIRMED: "confirmed subscribed active activated optedin optin in true yes y 1 c regular premium "
    "verified normal granted doubleoptin singleoptin confirmedoptin optinconfirmed t express implicit implied explicit on softbounced softbounce softbouncing "
    "ja oui sí si sim tak ano igen evet да так ναι はい 예 네 "
    "aktiv angemeldet bestätigt abonniert actif active abonné abonnée inscrit inscrite confirmé activo activa "
    "suscrito suscripto confirmado ativo inscrito assinante attivo iscritto iscritta confermato actief ingeschreven "
    "aangemeld prenumererar aktivt tilmeldt aktiivinen aktywny aktywna zapisany potwierdzony aktivní přihlášen "
    "přihlášený aktívny prihlásený aktív feliratkozott aktif abone активен активный активна подписан подписана "
    "подписался подтверждён подтвержден активний підписаний "
    "正常 已订阅 订阅 订阅中 有效 已激活 激活 已确认 是 已訂閱 訂閱 訂閱中 正常訂閱 有効 購読中 購読 配信中 配信 登録済み 구독 구독중 登録済 購読する 配信する 同意 同意する 동의 동의함 수신함 수신허용 구독함 "
    "정상 수신동의 수신",
    Status.PENDING: "pending unconfirmed notconfirmed waiting unactivated unverified validating invited inviting "
    "neversubscribed nonsubscribed notsubscribed invitable forwarded notset unknown unset transactional noconsent awaitingconfirmation nopermissionsset temporaryhold new s "
    "unbestätigt ausstehend wartend enattente nonconfirmé pendiente sinconfirmar pendente inattesa nonconfermato "
    "nietbevestigd väntande oczekujący niepotwierdzony čekající nepotvrzený megerősítésrevár beklemede onaybekliyor "
    "неподтверждён неподтвержден ожидает ожидаетподтверждения "
    "待确认 未确认 待激活 待验证 待確認 未確認 待驗證 仮登録 確認待ち 대기 확인대기 미확인",
    Status.UNSUBSCRIBED: "unsubscribed unsubscribe unsub inactive disabled deactivated optedout optout out removed "
    "deleted cancelled canceled blocklisted blacklisted blocked suppressed expired paused archived stopped no n 0 f unsubscribedviaemail unsubscribedviaform unsubscribedviaapi unsubscribedmanually "
    "autounsubscribed globallyunsubscribed globalunsubscribe manualsuppression usersuppressed adminblocked donotmail donotemail "
    "donotcontact nomail denied withdrawn revoked declined byuser bymoderator nein non não nao nie ne nem nej hayır "
    "нет ні όχι いいえ 아니오 아니요 "
    "false u off unsubscribedbysubscriber unsubscribedbyadmin unsubscribedbyuser "
    "abgemeldet inaktiv abbestellt ausgetragen gelöscht gesperrt désabonné désabonnée désinscrit désinscrite inactif "
    "supprimé inactivo baja dadodebaja desuscrito cancelado eliminado inativo descadastrado removido disiscritto "
    "disiscritta cancellato inattivo inactief uitgeschreven afgemeld avregistrerad avprenumererad inaktivt afmeldt "
    "avmeldt peruutettu wypisany wypisana nieaktywny zrezygnował odhlášen odhlášený neaktivní odhlásený neaktívny "
    "leiratkozott inaktív pasif abonelikteniptal ayrıldı aboneliktençıktı abonelikiptal "
    "отписан отписана отписался отписалась неактивен неактивный удалён удален заблокирован відписаний "
    "已退订 退订 取消订阅 已取消 已取消订阅 停用 已停用 否 已退訂 退訂 取消訂閱 已取消訂閱 停止 配信停止 停止中 解除 解除済み 購読解除 "
    "無効 退会 구독취소 수신거부 구독해지 해지 비활성 "
    "退会済 退会済み 解約 配信しない 配信不可 配信拒否 受信拒否 拒否 不同意 拒绝 拒絕 拒收 已拒收 거부 거부함 미동의 동의안함 비동의 수신안함 수신거부함 구독안함",
    Status.BOUNCED: "bounced bounce cleaned hardbounced hardbounce hardbouncing undeliverable unreachable invalid invalidemail "
    "undelivered notdelivered failed error b rejected dead held bybounces permanentbounce permanent "
    "blockbounced "
    "gebounct unzustellbar zurückgewiesen ungültig rebond rejeté invalide npai rebotado devuelto inválido "
    "rimbalzato nonvalido gebounced onbestelbaar studsad odbity odrzucony vrácený nedoručitelné visszapattant "
    "недоступен недействителен недоставлено "
    "退信 无效 硬退 無效 退件 エラー エラー停止 不達 配信エラー 반송 오류 발송실패 자동삭제",
    Status.COMPLAINED: "complained complaint spam spamreported spamreporter spamreport junk abuse spamcomplaint markedasspam "
    "reportedspam reportedasspam p beschwerde plainte queja reclamo segnalatospam жалоба спам "
    "投诉 已投诉 投訴 迷惑メール 스팸신고",
}
"""By the status: what stands in a column of it."""

PROVING_NOTHING = frozenset(
    ["enabled", "valid", "deliverable", "delivered", "catchall", "acceptall"]
)
"""What stands in such a column of an account that is open, or of an address that was tested: nobody has said yes by it."""

STATUS_LIKE = (
    r"(mail|subscri|contact|member|newsletter|marketing|optin|abo|anmelde|kontakt|courriel|correo|suscrip|inscri|订阅"
    r"|邮件|邮箱|訂閱|郵件|配信|購読|メール|구독|메일|подпис|рассылк|delivery).*"
    r"(status|state|statut|estado|stato|stav|durum|状态|狀態|ステータス|状態|상태|статус)"
)
"""Further columns that hold a status, where each word of theirs is one."""
REASONS = frozenset(
    ["reason", "suppressionreason", "type", "event", "原因", "grund", "raison", "motivo"]
)
"""Columns of lists of whom no mail goes to that say why."""
FLAG_LIKE = {
    "complained": r"complain|markedspam|markedasspam|投诉|投訴|жалоб",
    "unsubscribed": r"unsub|optout|optedout|optsout|donotemail|donotcontact|blacklist|blocklist|suppress|désinscri"
    r"|désabonn|desuscri|abgemeldet|abbestell|disiscri|退订|退訂|取消订阅|取消訂閱|配信停止|수신거부|отпис",
    "bounced": r"bounce|undeliverable|退信|unzustellbar",
}
"""Further columns that say one thing, where they hold nothing but a yes, a no, a time or a status; or, where they are for
the reason, whatever anybody said."""
WHY = r"reason|grund|raison|motif|motivo|原因|理由|사유|причин"
NOT_MAIL = r"sms|phone|fax|whatsapp|push|text|call|post|url|link|campaign|count$|soft|rate$|手机|短信|telefon|page"
"""Columns named like this are about something else."""
_YES_WORDS = "yes y true 1 t on x ja oui sí si sim tak ano igen evet да так ναι 是 はい 예 네 √ ✓ ✔"
YES = frozenset(_YES_WORDS.split())
_NO_WORDS = (
    "false f no n 0 none null - — off nein non não nao nie ne nem nej hayır нет ні όχι 否 无 無 いいえ 아니오 아니요 [] {} "
    "nan n/a never jamais mai nunca"
)
NO = frozenset(_NO_WORDS.split())
"""What stands in a column that says one thing. Columns of a status know further words."""
FILES = {
    "complained": r"(suppression[ _-]?)?(complain|spam[ _-]?(complain|report)|spam(?![a-z]))|投诉",
    "bounced": r"(suppression[ _-]?)?(hard[ _-]?|all[ _-]?)?bounce|undeliver|invalid[ _-]?(email|address)|退信|unzustellbar|rebond",
    "unsubscribed": r"(all[ _-]?|global[ _-]?)?(unsub|opt(ed)?[ _-]?outs?(?![a-z])|suppress|blacklist|blocklist|do[ _-]?not[ _-]?"
    r"(e?mail|contact))|退订|退訂|取消订阅|abgemeldet|abmeldung|désabonn|désinscri|desabonn|desinscri|bajas(?![a-z])|отпис",
}
"""How files begin to be called that hold nobody but who has left, bounced or complained."""
