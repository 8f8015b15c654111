"""What servers say in words, where their codes say too little: English, and Chinese relays' own phrases.

Each cause has its pattern. They are asked in the order of `CAUSES`, so that what passes by itself (a full
mailbox, a limit, greylisting) is seen before what does not, and a sender's fault before a recipient's.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Cause(StrEnum):
    """Why a server did not take a message."""

    NONE = "none"
    UNKNOWN_MAILBOX = "unknown-mailbox"
    UNKNOWN_DOMAIN = "unknown-domain"
    DISABLED = "mailbox-disabled"
    FULL = "mailbox-full"
    TOO_LARGE = "too-large"
    GREYLISTED = "greylisted"
    LIMITED = "rate-limited"
    AUTHENTICATION = "authentication"
    """SPF, DKIM, DMARC, reverse DNS, TLS of ours."""
    LOGIN = "login"
    SENDER = "sender"
    """The sending address or the sending host is not liked."""
    BLOCKED = "blocked"
    """The host that sends is on a list, or has a bad name: it is the same for everybody, until it is taken off."""
    LATER = "later"
    """Words that ask to be asked again, beside a 5xx that gives no reason."""
    SPAM = "spam"
    POLICY = "policy"
    NETWORK = "network"
    SYSTEM = "system"
    OTHER = "other"


def _pattern(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


_WHO = r"(?:user|recipient|rcpt|mailbox|account|address(?:ee)?|alias|login|customer|member|inbox|mail ?drop|local ?part|username|destination|userid|e-?mail)"
_GONE = (
    r"(?:unknown|not found|(?:does|do|did)(?: not|n[o'’]?t) (?:exist|have)|doe?sn[’']?t exist|not exists?|nonexist[ae]nt|non-existent"
    r"|no longer (?:exists?|available|active|valid|in use|on|with|here|a valid|employed|works)"
    r"|invalid|(?:is |was )?not (?:a )?(?:known|recogni[sz]ed|valid|listed|local|here|defined|our|in our|present|registered|one of)"
    r"|(?:has been|was|is|been) (?:closed|deleted|removed|discontinued|terminated|cancell?ed)|(?:could not|cannot|can't|couldn't) be found|unroute?able)"
)
_DOTS = r"[^.;]{0,60}?\b"

PATTERNS: dict[Cause, re.Pattern[str]] = {
    Cause.GREYLISTED: _pattern(
        r"gr[ea]y-?\s?list", "postgrey", r"triplet", "灰名单", r"first (?:time|attempt).{0,30}retry"
    ),
    Cause.FULL: _pattern(
        r"over(?: \w+)?\s?-?quota",
        r"(?:mailbox|inbox|mail ?drop|account|user|folder|quota|storage|disk)\b[^.;]{0,50}\b(?:is |are |over )?(?:full|exceed\w*|exhausted)",
        r"quota\b[^.;]{0,30}exceed",
        r"exceed\w*[^.;]{0,30}\b(?:quota|storage|mailbox (?:size|limit)|allocation)",
        r"\b(?:insufficient|not (?:have )?enough|out of|no)\b[^.;]{0,20}\b(?:disk|storage|space|room)",
        r"(?:mailbox|account|user)[^.;]{0,40}\b(?:too large|size limit|out of storage)",
        "(?:邮箱|信箱|邮件箱|空间|容量|收件箱)[^。；]{0,12}(?:已满|满了|满|超出|超过|不足)",
        "超(?:出|过)[^。；]{0,6}(?:配额|容量)",
    ),
    Cause.TOO_LARGE: _pattern(
        r"(?:message|mail|size|data|content|attachment)\b[^.;]{0,50}\b(?:too (?:large|big|long)|exceed\w*|larger than|over(?:sized)?\b[^.;]{0,15}(?:limit|size))",
        r"too (?:large|big) (?:message|mail)",
        r"message size|size limit|maximum (?:message )?size",
        "(?:邮件|信件|附件)[^。；]{0,10}(?:过大|太大|超(?:出|过))",
    ),
    Cause.LIMITED: _pattern(
        r"rate\W{0,2}limit|throttl|too (?:many|much|fast|frequent)|(?:hourly|daily|sending|message|connection|recipient)\s+(?:rate|limit|quota)",
        r"exceed\w*[^.;]{0,40}\b(?:rate|limit|connections|messages|frequency|per (?:hour|minute|day))",
        r"(?:unusual|high|excessive)\b[^.;]{0,20}\b(?:rate|volume|traffic)",
        r"concurren",
        r"frequency limited",
        "(?:频率|频次|并发|连接数|次数|发信量|发送量)[^。；]{0,12}(?:过高|过快|超|限|太)",
        "过于频繁|发送过快|请稍后",
        r"\bRP:(?:QRC|CEL|TRC)|\bDT:SUM|\bMI:(?:DMC|SPF_DELAY|STC)",
    ),
    Cause.AUTHENTICATION: _pattern(
        r"\bSPF\b|\bDKIM\b|\bDMARC\b|sender ?-?id",
        r"unauthenticated (?:e-?mail|mail|sender)|(?:not|isn't|is not|un)\s?authenticated|authentication (?:level|requirements|information|check|results?)",
        r"(?:PTR|reverse[- ]dns|reverse (?:lookup|hostname|host)|rdns|forward[- ]confirmed)",
        r"must issue a starttls|TLS (?:is )?required|without TLS|encryption (?:is )?required",
        "身份验证失败|未通过[^。；]{0,8}(?:验证|认证)|发信域名",
    ),
    Cause.LOGIN: _pattern(
        r"authentication (?:required|failed|failure|credentials|unsuccessful|is required)|must (?:authenticate|log ?in)|log ?in (?:first|required|failed)|bad credentials|username and password",
        "(?:登录|登陆|认证)失败|需要(?:登录|认证|身份验证)",
    ),
    Cause.BLOCKED: _pattern(
        r"(?:client host|connecting (?:ip|host)|sending (?:ip|host)|your (?:ip|host|mail ?server)|\bip(?: address)?)\b[^;]{0,60}\b(?:block|black\W?list|banned|listed|reputation)",
        r"block\w* (?:using|by) \S*(?:\.\w|rbl|reputation|black\W?list)|(?:banned|blocked) (?:sending )?ip\b|\bmessages from \[?[\d.:a-f]{7,45}\]? weren't sent",
        r"dnsbl|\brbl\b|blocked for (?:spam|abuse)|connections will not be accepted|(?:sender|mta)\W{0,3}s? poor reputation|poor reputation (?:sender|ip)|traffic not accepted from this ip|\bis in (?:our |an? )?block ?list",
    ),
    Cause.SPAM: _pattern(
        r"\bspam|\bu[bc]e\b|unsolicited|junk|\bbulk\b|phish|malware|virus|infected|abus",
        r"black\W?list|block\W?list|block\W?ed|dnsbl|\brbl\b|spamhaus|spamcop|barracuda|sorbs|uceprotect|proofpoint|cloudmark|(?<!not )\blisted (?:in|at|by|on)\b|reputation|bad (?:ip|sender)|poor",
        r"recipient preferences|(?:rejected|refused) by (?:the|this) (?:user|recipient)\b",
        r"content (?:rejected|filter|restrict)|rejected (?:for|due to) (?:content|policy)|message (?:content )?(?:was )?rejected|suspicious",
        r"\bDT:SP[MB]?\b|\bMI:(?:SPB|IPB|SFQ|CEL)|\bIP:?\s?in",
        "垃圾|黑名单|病毒|拦截|屏蔽|可疑|广告|信誉",
    ),
    Cause.SENDER: _pattern(
        r"\b(?:sender|originator|mail from|from address|envelope.from|return.path|reverse.path)\b(?![^.;]{0,40}\b(?:ing )?(?:recipient|user) unknown)",
        r"invalid ip for sending|\bfrom:? domain\b|domain (?:is )?invalid\W[^.;]{0,30}valid from|valid from:",
        r"\b(?:helo|ehlo)\b|client host|your (?:ip|host|server|domain|network|mail ?server)|connecting (?:ip|host)|\bip address\b",
        "发件人|发信人|发送方|发信(?:IP|ip|地址)",
    ),
    Cause.DISABLED: _pattern(
        rf"{_WHO}{_DOTS}(?:disabled|inactive|suspended|locked|blocked|frozen|de-?activated|not active|expired|restricted|on hold|not accepting|dormant|unable to receive|cannot receive|not enabled|not currently)|\baccount closed\b",
        rf"(?:disabled|inactive|suspended|locked|frozen|deactivated|expired) {_WHO}",
        r"not accepting (?:mail|messages|e-?mail)|no longer accept",
        "(?:帐号|账号|帐户|账户|邮箱|用户)[^。；]{0,10}(?:停用|禁用|冻结|锁定|暂停|未激活|过期|失效|异常|注销中)",
    ),
    Cause.UNKNOWN_MAILBOX: _pattern(
        rf"\b{_WHO}\b{_DOTS}{_GONE}",
        rf"(?:unknown|no such|invalid|non-?exist[ae]nt|bad|incorrect|no valid(?! recipients\b)|undeliverable|unroute?able|illegal|inexistent)\b[^.;]{{0,30}}\b{_WHO}",
        r"no (?:mailbox|account|user|recipient|one|person|such)[^.;]{0,30}\b(?:here|by that name|with that|at this|found|matching|in)",
        r"(?:doesn[’']?t|does not|do not|don[’']?t) have an?\b[^.;]{0,40}\baccount",
        r"not a (?:valid|known|local|recogni[sz]ed) (?:user|mailbox|recipient|address|account)",
        r"unroute?able address|undeliverable address|addressee unknown|unknown (?:local|virtual)|is unknown\b|no such (?:person|address)|user_?unknown",
        r"(?:left|no longer (?:with|at|works|employed))\b[^.;]{0,30}\b(?:company|organi[sz]ation|us|here)",
        r"badr(?:cpt|ecipient)to list|validrcptto list|utilisateur inconnu|usuario (?:desconocido|no existe)|buz[oó]n no existe"
        r"|(?:empfänger|benutzer) (?:unbekannt|existiert nicht)|unbekannter (?:empfänger|benutzer)|nie istnieje|n['’]existe pas"
        r"|(?:пользователь|адресат|ящик)[^.;]{0,20}не (?:найден|существует)",
        r"(?<!domain )\bname (?:is )?not (?:recogni[sz]ed|found)|not (?:listed )?in (?:our|the|[\w&]+)(?: \w+)? ?(?:directory|address ?book|name & address book)|no mail ?box available for|resolver\.adr\.\w*(?:recip|ex|notfound)\w*",
        "(?:用户|收件人|收信人|邮箱|信箱|帐号|账号|帐户|账户|地址|邮件地址|邮箱地址)[^。；]{0,12}(?:不存在|未找到|找不到|无效|错误|已注销|已删除|被删除|不正确|有误)",
        "(?:不存在|无效|没有|无此|无该|查无此?|未知|错误)的?(?:该|这个|此)?(?:用户|收件人|收信人|邮箱|帐号|账号|帐户|账户|地址|人)",
    ),
    Cause.UNKNOWN_DOMAIN: _pattern(
        r"\b(?:domain|host)(?: or domain)?(?: name)?\b[^.;]{0,40}\b(?:not found|(?:does|do)(?: not|n[o'’]t) exist|unknown|invalid|no longer exists)",
        r"(?:unknown|no such|invalid|nonexistent|bad) (?:destination )?(?:domain|host)",
        r"\bdomain (?:name )?\S{1,255} (?:does not exist|doesn[’']t exist|not found|is unknown)",
        r"could(?:n[’']?t| not) find any host|name or service not known|nxdomain|null ?mx|does not accept mail \(?nullmx|no smtp service|no (?:mx|mail) (?:record|host|server)s?\b|unrouteable mail domain|all relevant mx records point to non-existent",
        "域名[^。；]{0,8}(?:不存在|无效|错误|未找到)",
    ),
    Cause.NETWORK: _pattern(
        r"time[d]?[- ]?out|connection (?:refused|reset|closed|lost|dropped|timed)|no route to host|network (?:is )?unreachable|could not connect|unable to connect|no answer from host|host (?:is )?unreachable|name service error|dns (?:error|failure|lookup)",
        "连接(?:超时|失败|被拒)|超时",
    ),
    Cause.POLICY: _pattern(
        r"polic|access denied|not (?:permitted|allowed|authori[sz]ed)|permission|refused|relay(?:ing)? (?:access )?(?:denied|not|prohibited)|unable to relay|prohibited|administrative|restrict|rejected by|closed (?:mailing|list)|only accepts? mail from",
        "策略|拒绝|禁止|不允许|无权|未授权",
    ),
}
CAUSES = tuple(PATTERNS)

PERHAPS_UNKNOWN = _pattern(
    r"mailbox (?:is )?unavailable(?! or access)|mailbox not available|unavailable mailbox|user not available"
)
"""What RFC 5321 writes beside 550: no such mailbox, mostly, where no other reason is told."""
HEDGED = _pattern(
    r"\b(?:may|might) (?:not exist|have been (?:removed|deleted|moved))|\bno access,? or\b|\bil se peut\b|possibly does not exist|\bor access denied"
)
"""Words by which a server says that it does not say which it is: no such mailbox, or no leave to write to it."""
OF_THE_SENDER = _pattern(
    r"\b(?:sender address|client host|helo command|ehlo command) rejected",
    r"sender (?:verify|verification) (?:failed|error)|(?:unable to|cannot|could not) verify (?:the )?sender|domain of sender address",
    r"e-?mail address is not verified|sending (?:is )?paused for this account|maximum credits exceeded",
)
"""Words that are about nobody but the sender, and the same for everybody. Postfix says them in answer to RCPT."""
OF_ANOTHER_SERVER = _pattern(
    r"recipient address rejected|\bsaid:|-> |\bcallout\b|remote (?:host|server)"
)
"""Where a server repeats what another one told it, those words are about one address after all."""
LATER = _pattern(
    r"\btry (?:again )?later|try again in\b|temporar(?:y|ily)\b(?! blocked)|essayer plus tard|稍后再试|please retry"
)
CERTAINLY_UNKNOWN = _pattern(
    r"(?:user|recipient|mailbox|addressee|account) (?:is )?(?:unknown|not found|does not exist|doesn[’']t exist)",
    r"(?:unknown|no such|non-?existent) (?:user|recipient|mailbox|account)",
    r"(?:doesn[’']?t|does not) have an?\b[^.;]{0,40}\baccount",
    "(?:用户|收件人|邮箱|帐号|账号)不存在|无此用户",
)
"""Words that outweigh a mention of a policy or of the sender in the same reply."""
