/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_config_errors.c - wrong configs, and exactly what is said about each.
 *
 * One row per mistake. A row's text is put behind three lines that define a
 * few names, and gets a queue and a route if it has none, so most notes are
 * about line 4. Expected: line:column+width, the sentence, and the hint.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/mem.h"
#include "config/config.h"

struct wrong {
	bool whole; /* the text is the whole file */
	const char *text;
	const char *notes;
};

/* clang-format off */
static const struct wrong table[] = {
	{ true, "\nqueue general { }",
	    "0:0+1 error: there is no route | as in: route { otherwise "
	    "-> queue general; }\n2:1+5 error: the first statement is "
	    "not: language 1;" },
	{ true, "language 2;",
	    "1:10+1 error: language 2 is not known here | this program "
	    "reads language 1" },
	{ true, "language 1;\nqueue general { }",
	    "0:0+1 error: there is no route | as in: route { otherwise "
	    "-> queue general; }" },
	{ true, "language 1;\nroute { otherwise -> queue general; }",
	    "2:28+7 error: no queue is called \"general\"" },
	{ true, "language 1;\nqueue general { ring 20s;",
	    "2:15+1 error: this block is never closed" },
	{ false, "queue a { ring 20s }",
	    "4:19+1 error: ; is missing" },
	{ false, "queue a { ring 20s",
	    "4:9+1 error: this block is never closed" },
	{ false, "queue a { ring 20; }",
	    "4:16+2 error: a duration such as 20s is expected here, not "
	    "20 | as in: ring 20s;" },
	{ false, "queue a { ring 20x; }",
	    "4:16+3 error: this is neither a number nor a duration | "
	    "units are ms, s, m, h and d, as in 90s" },
	{ false, "queue a { ring; }",
	    "4:15+1 error: a duration such as 20s is missing | as in: "
	    "ring 20s;" },
	{ false, "queue a { ring 20s 30s; }",
	    "4:20+3 error: 30s is too much here | as in: ring 20s;" },
	{ false, "queue a { ring 2h; }",
	    "4:16+2 error: this may be 1s to 1h | as in: ring 20s;" },
	{ false, "queue a { rin 20s; }",
	    "4:11+3 error: a queue has no statement \"rin\" | did you "
	    "mean \"ring\"?" },
	{ false, "queue a { ring 20s; ring 30s; }",
	    "4:21+4 error: ring stands here a second time | the first is "
	    "on line 4" },
	{ false, "queue a { need biling 60+; }",
	    "4:16+6 error: no skill is called \"biling\" | did you mean "
	    "\"billing\"?" },
	{ false, "queue a { need billing 101+; }",
	    "4:24+3 error: this may be 1 to 100 | as in: need billing "
	    "60+, language of contact;" },
	{ false, "queue a { need billing 60; }",
	    "4:26+1 error: + is expected here: this level or better | as "
	    "in: need billing 60+, language of contact;" },
	{ false, "queue a { need billing 60+, billing 20+; }",
	    "4:29+7 error: this is asked for a second time | as in: need "
	    "billing 60+, language of contact;" },
	{ false, "queue a { after 30s need no billing; }",
	    "4:29+7 error: nothing before asks for this | as in: after "
	    "30s need billing 20+; or: after 2m or no agents also queue "
	    "general;" },
	{ false, "queue a { need billing 60+\n    ring 20s; }",
	    "5:5+4 error: ring is too much here | is the ; missing at "
	    "the end of line 4?" },
	{ false, "queue a { also queue general; }",
	    "4:11+4 error: a queue has no statement \"also\"" },
	{ false, "queue a { after 2m also queue genral; }",
	    "4:31+6 error: no queue is called \"genral\" | did you mean "
	    "\"general\"?" },
	{ false, "queue a { after 2m also queue a; }",
	    "4:31+1 error: a queue does not flow over to itself | as in: "
	    "after 30s need billing 20+; or: after 2m or no agents also "
	    "queue general;" },
	{ false, "queue a { after 2m also queue b; } queue b { when no agents "
	    "also queue a; }",
	    "4:7+1 error: queues flow over in a circle: a -> b -> a" },
	{ false, "queue a { after 2m also queue general; when no agents also "
	    "queue general; }",
	    "4:66+7 error: this queue is named above: join the "
	    "conditions by or | as in: when more than 20 waiting also "
	    "queue general;" },
	{ false, "queue a { closed { chat voicemail; } }",
	    "4:25+9 error: voicemail is for phone only | as in: phone "
	    "voicemail;" },
	{ false, "queue a { closed { mail mail-form; } }",
	    "4:25+9 error: a mail-form is for chat only | as in: phone "
	    "voicemail;" },
	{ false, "queue a { closed { phones wait; } }",
	    "4:20+6 error: closed has no statement \"phones\" | did you "
	    "mean \"phone\"?" },
	{ false, "queue a { closed wait; }",
	    "4:18+4 error: wait is too much here | as in: closed { phone "
	    "voicemail; chat mail-form; }" },
	{ false, "queue a { open offices; }",
	    "4:16+7 error: no hours are called \"offices\"" },
	{ false, "queue a { standard calls; }",
	    "4:20+5 error: no standard is called \"calls\"" },
	{ false, "queue a { } queue a { }",
	    "4:19+1 error: a second queue called \"a\" | the first is "
	    "x.conf:4" },
	{ false, "queue 9a { }",
	    "4:7+2 error: this is neither a number nor a duration | "
	    "units are ms, s, m, h and d, as in 90s" },
	{ false, "queue \"a b\" { }",
	    "4:7+5 error: a name begins with a letter and is made of "
	    "a-z, 0-9, _ . and -" },
	{ false, "queue é { }",
	    "4:7+1 error: letters beyond a-z stand in texts only | a "
	    "text is in quotes: \"é\"" },
	{ false, "queue a { label \"no end; }",
	    "4:17+7 error: this text does not end on its line | close it "
	    "with \", write \\n for a new line" },
	{ false, "queue a { label \"a\\qb\"; }",
	    "4:17+6 error: a backslash here stands before n, t, \" or \\ "
	    "only" },
	{ false, "queu a { }",
	    "4:1+4 error: a config has no statement \"queu\" | did you mean "
	    "\"queue\"?" },
	{ false, "}",
	    "4:1+1 error: this } closes nothing" },
	{ false, "queue a { ( }",
	    "4:11+1 error: ( has no place here | is a ; missing before "
	    "it?" },
	{ false, "agent maria { }",
	    "4:7+5 error: this agent has no team | as in: team day;" },
	{ false, "agent maria \"M\" { team nite; }",
	    "4:24+4 error: no team is called \"nite\"" },
	{ false, "agent maria { team day; skills billing 101; }",
	    "4:40+3 error: this may be 0 to 100 | as in: skills billing "
	    "80, lang.fr 60;" },
	{ false, "agent maria { team day; skills billing; }",
	    "4:39+1 error: a number is missing | as in: skills billing "
	    "80, lang.fr 60;" },
	{ false, "agent maria { team day; skills billing 20, billing 30; }",
	    "4:44+7 error: this skill is named a second time | as in: "
	    "skills billing 80, lang.fr 60;" },
	{ false, "agent maria { team day; role boss; }",
	    "4:30+4 error: a role is agent, lead, supervisor, admin or "
	    "auditor | as in: role lead;" },
	{ false, "agent maria { team day; phone \"PJSIP/1\"; }",
	    "4:40+1 error: there is no gateway to ring this phone | as "
	    "in: phone \"PJSIP/2001\" via pbx1;" },
	{ false, "agent maria { team day; phone \"PJSIP/1\" via site; } "
	    "channel chat site { }",
	    "4:45+4 error: \"site\" is a channel, not a gateway | as in: "
	    "phone \"PJSIP/2001\" via pbx1;" },
	{ false, "agent maria { team day; language french; }",
	    "4:34+6 error: a language has two small letters, such as fr "
	    "| as in: language fr;" },
	{ false, "agent maria { team day; password \"secret\"; }",
	    "4:25+8 error: an agent has no statement \"password\"" },
	{ false, "team night { takes phone 60; }",
	    "4:26+2 error: this may be 0 to 50 | as in: takes phone 1, "
	    "chat 3, mail 5;" },
	{ false, "team night { takes phone 50, chat 50, mail 1; }",
	    "4:20+5 error: nobody can do 101 things at once; at most 100 "
	    "| as in: takes phone 1, chat 3, mail 5;" },
	{ false, "team night { takes phon 1; }",
	    "4:20+4 error: phon is no channel | did you mean \"phone\"?" },
	{ false, "team night { wrap-up 2h; }",
	    "4:22+2 error: this may be 0s to 1h | as in: wrap-up 30s;" },
	{ false, "hours office { open mon-fri 09:00-18:00; }",
	    "4:7+6 error: these hours name no zone | as in: zone "
	    "\"Europe/Paris\";" },
	{ false, "hours office { zone \"Europe/Pariss\"; }",
	    "4:21+15 error: no time zone is called \"Europe/Pariss\" | "
	    "did you mean \"Europe/Paris\"?" },
	{ false, "hours office { zone \"../../etc/passwd\"; }",
	    "4:21+18 error: this names no time zone" },
	{ false, "hours office { zone \"UTC\"; open mon 18:00-09:00; }",
	    "4:43+5 error: this ends before it begins | as in: open fri "
	    "22:00-24:00; open sat 00:00-06:00;" },
	{ false, "hours office { zone \"UTC\"; open mon 09:00-12:00, "
	    "11:00-13:00; }",
	    "4:50+5 error: this overlaps another span of the day | as "
	    "in: open mon-fri 09:00-12:30, 13:30-18:00;" },
	{ false, "hours office { zone \"UTC\"; open mon 09:00-25:00; }",
	    "4:43+5 error: no clock shows this time" },
	{ false, "hours office { zone \"UTC\"; open mo 09:00-12:00; }",
	    "4:33+2 error: days are mon tue wed thu fri sat sun, mon-fri "
	    "or daily | as in: open mon-fri 09:00-12:30, 13:30-18:00;" },
	{ false, "hours office { zone \"UTC\"; closed 2026-02-30; }",
	    "4:7+6 warning: these hours are never open\n4:35+10 error: "
	    "there is no such day" },
	{ false, "hours office { zone \"UTC\"; closed 2026-12-25; open "
	    "2026-12-25 10:00-12:00; }",
	    "4:52+10 error: this day is named a second time | as in: "
	    "open mon-fri 09:00-12:30, 13:30-18:00;" },
	{ false, "standard calls { answer 80 within 20s; }",
	    "4:25+2 error: a percentage such as 80% is expected here, "
	    "not 80 | as in: answer 80% within 20s per 30m;" },
	{ false, "standard calls { answer 101% within 20s; }",
	    "4:25+4 error: this may be 1% to 100% | as in: answer 80% "
	    "within 20s per 30m;" },
	{ false, "standard calls { answer 80% in 20s; }",
	    "4:29+2 error: within is expected here, not in | as in: "
	    "answer 80% within 20s per 30m;" },
	{ false, "standard calls { value 5; }",
	    "4:24+1 error: this may be 1 to 4 | as in: value 2;" },
	{ false, "standard calls { within 4h of ofice; } hours office { zone "
	    "\"UTC\"; open daily 00:00-24:00; }",
	    "4:31+5 error: no hours are called \"ofice\" | did you mean "
	    "\"office\"?" },
	{ false, "brand acme { greting \"Hi\"; }",
	    "4:14+7 error: a brand has no statement \"greting\" | did "
	    "you mean \"greeting\"?" },
	{ false, "brand acme { greeting chat \"a\"; greeting chat \"b\"; }",
	    "4:33+8 error: this text is said a second time | as in: "
	    "greeting chat fr \"Bonjour\";" },
	{ false, "brand acme { signature file \"x.txt\"; }",
	    "4:29+7 error: no files are read here" },
	{ false, "channel mail help { }",
	    "4:14+4 error: this mail channel has no address | as in: "
	    "address \"help@acme.example\";" },
	{ false, "channel mail help { address \"help.example\"; }",
	    "4:29+14 error: a mail address has an @ | as in: address "
	    "\"help@acme.example\";" },
	{ false, "channel main help { }",
	    "4:9+4 error: main is no kind of channel | did you mean "
	    "\"mail\"?" },
	{ false, "channel phone pbx { }",
	    "4:9+5 error: phone is no kind of channel | calls come in by "
	    "a gateway: gateway NAME { from 10.0.0.5; }" },
	{ false, "channel mail help { address \"a@b.example\"; secret "
	    "\"hunter2\"; }",
	    "4:51+9 error: a secret is never written in a config | "
	    "write: secret file \"NAME\"; and put it in that file" },
	{ false, "channel mail help { address \"a@b.example\"; provider "
	    "mailgum; }",
	    "4:53+7 error: a provider is one of: raw, mailgun, postmark, "
	    "sendgrid, ses, twilio | did you mean \"mailgun\"?" },
	{ false, "channel mail help { address \"a@b.example\"; smtp "
	    "\"http://x\"; }",
	    "4:49+10 error: this begins with smtp:// or smtps:// | as "
	    "in: smtp \"smtp://mail.acme.example:587\" from "
	    "\"help@acme.example\";" },
	{ false, "channel mail help { address \"a@b.example\"; smtp "
	    "\"smtp://user:pw@x\"; }",
	    "4:49+18 error: a password is never written in a config | as "
	    "in: smtp \"smtp://mail.acme.example:587\" from "
	    "\"help@acme.example\";" },
	{ false, "channel chat site { origin \"https://acme.example/chat\"; }",
	    "4:28+27 error: an origin is scheme and host, no path | as "
	    "in: origin \"https://acme.example\";" },
	{ false, "channel chat site { brand acm; } brand acme { }",
	    "4:27+3 error: no brand is called \"acm\" | did you mean "
	    "\"acme\"?" },
	{ false, "gateway pbx1 { }",
	    "4:9+4 error: this gateway does not say where it calls from "
	    "| as in: from 10.0.0.5;" },
	{ false, "gateway pbx1 { from 10.0.0.5; }",
	    "4:9+4 error: a gateway on another machine needs a token | "
	    "as in: token file \"pbx1.token\";" },
	{ false, "gateway pbx1 { from 10.0.0.500; }",
	    "4:21+10 error: this is no address or network | as in: from "
	    "10.0.0.5;" },
	{ false, "gateway pbx1 { from 127.0.0.1; country UK; }",
	    "4:40+2 error: a country has two capital letters, such as FR "
	    "| the United Kingdom is GB" },
	{ false, "gateway pbx1 { from 127.0.0.1; trust caler; }",
	    "4:38+5 error: caller is expected here, not caler | as in: "
	    "trust caller yes;" },
	{ false, "listen pages 0.0.0.0:7443;",
	    "4:14+12 error: only loopback may listen without tls | as "
	    "in: listen pages 0.0.0.0:7443 tls { certificate "
	    "\"cert.pem\"; key \"key.pem\"; }" },
	{ false, "listen pages 0.0.0.0:7443 tls;",
	    "4:14+12 error: tls needs a certificate and a key | as in: "
	    "listen pages 0.0.0.0:7443 tls { certificate \"cert.pem\"; "
	    "key \"key.pem\"; }" },
	{ false, "listen pages 0.0.0.0:77777 tls { certificate \"c\"; key "
	    "\"k\"; }",
	    "4:14+13 error: an address and port look like 0.0.0.0:7443 "
	    "or [::]:7443 | as in: listen pages 0.0.0.0:7443 tls { "
	    "certificate \"cert.pem\"; key \"key.pem\"; }" },
	{ false, "listen page 127.0.0.1:7443;",
	    "4:8+4 error: listen for pages, agents, gateway or control | "
	    "did you mean \"pages\"?" },
	{ false, "log loud;",
	    "4:5+4 error: a level is error, warn, info or debug | as in: "
	    "log info;" },
	{ false, "data \"a\"; data \"b\";",
	    "4:11+4 error: data stands here a second time | the first is on "
	    "line 4" },
	{ false, "default language english;",
	    "4:18+7 error: a language has two small letters, such as fr "
	    "| as in: default language en;" },
	{ false, "proxy from example.org;",
	    "4:12+11 error: an address is expected here, not example.org "
	    "| as in: proxy from 10.0.0.1;" },
	{ false, "include \"x.conf\";",
	    "4:1+7 error: nothing is included here" },
	{ false, "segment vip { customer.tier = \"gold\"; } head start 2h;",
	    "4:52+2 error: this may be 0s to 1h | as in: segment vip { "
	    "customer.tier = \"gold\"; } head start 2m;" },
	{ false, "segment vip { customer.tier = gold; } head start 2m;",
	    "4:31+4 error: a value is a text or a number | put it in "
	    "quotes: \"gold\"" },
	{ false, "segment vip { customer.tier == \"gold\"; } head start 2m;",
	    "4:29+2 error: compare with =, <, <=, > or >=" },
	{ false, "segment vip { } head start 2m;",
	    "4:15+1 error: a condition is missing here | as in: channel "
	    "chat and text has \"refund\"" },
	{ false, "queue general { } route { channel chat -> queue general; }",
	    "4:19+5 error: the route does not end with otherwise | as "
	    "in: otherwise -> queue general;" },
	{ false, "queue general { } route { otherwise -> queue general; "
	    "channel chat -> queue general; }",
	    "4:55+12 error: this rule is never reached | line 4 has "
	    "taken all that could come here" },
	{ false, "queue general { } route { channel chat or not channel chat "
	    "-> queue general; otherwise -> queue general; }",
	    "4:78+9 error: this rule is never reached | line 4 has taken "
	    "all that could come here" },
	{ false, "queue general { } route { chanel chat -> queue general; "
	    "otherwise -> queue general; }",
	    "4:27+6 error: a condition cannot begin with \"chanel\" | "
	    "did you mean \"channel\"?" },
	{ false, "queue general { } route { channel caht -> queue general; "
	    "otherwise -> queue general; }",
	    "4:35+4 error: caht is no channel | did you mean \"chat\"?" },
	{ false, "queue general { } route { channel chat queue general; "
	    "otherwise -> queue general; }",
	    "4:53+1 error: -> is missing behind this condition | as in: "
	    "channel chat -> queue support;" },
	{ false, "queue general { } route { channel chat -> general; "
	    "otherwise -> queue general; }",
	    "4:43+7 error: queue is expected here, not general | as in: "
	    "channel chat -> queue support;" },
	{ false, "queue general { } route { channel chat -> ; otherwise -> "
	    "queue general; }",
	    "4:42+1 error: the queue is missing behind -> | as in: "
	    "channel chat -> queue support;" },
	{ false, "queue general { } route { channel chat and -> queue "
	    "general; otherwise -> queue general; }",
	    "4:44+2 error: a condition is missing here | as in: channel "
	    "chat and text has \"refund\"" },
	{ false, "queue general { } route { text matches /inv(oice/ -> queue "
	    "general; otherwise -> queue general; }",
	    "4:49+1 error: in this pattern: missing closing parenthesis" },
	{ false, "queue general { } route { text matches /a/g -> queue "
	    "general; otherwise -> queue general; }",
	    "4:40+4 error: the only flag of a pattern is i" },
	{ false, "queue general { } route { text has \"\" -> queue general; "
	    "otherwise -> queue general; }",
	    "4:36+2 error: these are no words | as in: text has "
	    "\"invoice\", \"refund\"" },
	{ false, "queue general { } route { topic = \"x\" -> queue general; "
	    "otherwise -> queue general; }",
	    "4:27+5 error: a condition cannot begin with \"topic\" | "
	    "what forms and partners know is asked for as contact.topic "
	    "or customer.topic" },
	{ false, "queue general { } route { contact.topic != \"x\" -> queue "
	    "general; otherwise -> queue general; }",
	    "4:41+2 error: compare with =, <, <=, > or >= | the opposite "
	    "is written: not NAME = ..." },
	{ false, "queue general { } route { queue general waitin > 20 -> "
	    "queue general; otherwise -> queue general; }",
	    "4:41+6 error: waiting, longest or ready is expected here | "
	    "as in: queue general waiting > 20" },
	{ false, "queue general { } route { queue general longest > 20 -> "
	    "queue general; otherwise -> queue general; }",
	    "4:51+2 error: a duration such as 20s is expected here, not "
	    "20 | as in: queue general waiting > 20" },
	{ false, "queue general { } route { during ofice -> queue general; "
	    "otherwise -> queue general; }",
	    "4:34+5 error: no hours are called \"ofice\"" },
	{ false, "queue general { } route { from sight -> queue general; "
	    "otherwise -> queue general; } channel chat site { }",
	    "4:32+5 error: no channel or gateway is called \"sight\"" },
	{ false, "queue general { } route { channel phone and text has \"x\" "
	    "-> queue general; otherwise -> queue general; }",
	    "4:45+12 warning: only contacts without a text can come here "
	    "| a call has no text: ask for the number dialled or an "
	    "attribute\n0:0+1 warning: there is no agent" },
	{ false, "queue general { } route { channel phone and channel chat -> "
	    "queue general; otherwise -> queue general; }",
	    "4:27+30 warning: this can never be true\n0:0+1 warning: "
	    "there is no agent" },
	{ false, "queue general { } route { otherwise -> queue general; } "
	    "route { otherwise -> queue general; }",
	    "4:57+5 error: a second route | the first is on line 4" },
	{ false, "queue general { } route { channel chat -> queue general; "
	    "channel chat -> queue general; otherwise -> queue general; }",
	    "4:58+12 error: this rule is never reached | line 4 has "
	    "taken all that could come here" },
	{ false, "channel chat site { } test \"a\" { chat sit \"hi\"; }",
	    "4:39+3 error: no channel or gateway is called \"sit\" | did "
	    "you mean \"site\"?" },
	{ false, "channel chat site { } test \"a\" { mail site \"hi\"; }",
	    "4:39+4 error: \"site\" is no mail | as in: chat site "
	    "\"refund please\";" },
	{ false, "channel chat site { } test \"a\" { expect queue general; }",
	    "4:23+4 error: this is about no contact | as in: chat site "
	    "\"refund please\";" },
	{ false, "channel chat site { } test \"a\" { chat site \"hi\"; expect "
	    "queue generl; }",
	    "4:63+6 error: no queue is called \"generl\" | did you mean "
	    "\"general\"?" },
	{ false, "channel chat site { } test \"a\" { at someday 10:00; chat "
	    "site \"hi\"; expect nobody; }",
	    "4:37+7 error: a date or mon, tue, ... is expected here, not "
	    "someday | as in: at 2026-12-25 10:00; or: at mon 10:00;" },
	{ false, "channel chat site { } test \"a\" { chat site \"hi\"; expect "
	    "happiness; }",
	    "4:57+9 error: queue NAME, agent NAME, nobody, open HOURS, "
	    "closed HOURS, wait, voicemail, mail-form or refuse is "
	    "expected here | as in: expect queue billing, agent maria;" },
	{ false, "queue a { need billing 60+; }",
	    "0:0+1 warning: there is no agent" },
	{ false, "queue a { need lang.xx 1+; }",
	    "4:16+7 error: no skill is called \"lang.xx\" | did you mean "
	    "\"lang.fr\"?" },
	{ false, "queue a { need language of contact, billing; after 20s need "
	    "billing 2+ need; }",
	    "4:72+4 error: need is too much here | as in: after 30s need "
	    "billing 20+; or: after 2m or no agents also queue general;" },
	{ false, "queue a { own agent; }",
	    "4:20+1 error: a duration such as 20s is missing | as in: "
	    "own agent 20s;" },
	{ false, "queue a { after 31d also queue general; }",
	    "4:17+3 error: this may be 1ms to 30d | as in: after 30s "
	    "need billing 20+; or: after 2m or no agents also queue "
	    "general;" },
	{ false, "queue a { when more than 0 waiting also queue general; }",
	    "4:26+1 error: this may be 1 to 1000000 | as in: when more "
	    "than 20 waiting also queue general;" },
	{ false, "queue a { after 1s need billing 1+; after 2s need billing "
	    "2+; after 3s need billing 3+; after 4s need billing 4+; "
	    "after 5s need billing 5+; after 6s need billing 6+; after "
	    "7s need billing 7+; after 8s need billing 8+; after 9s need "
	    "billing 9+; }",
	    "4:193+5 error: a queue has at most 8 steps | as in: after "
	    "30s need billing 20+; or: after 2m or no agents also queue "
	    "general;\n4:219+5 error: a queue has at most 8 steps | as "
	    "in: after 30s need billing 20+; or: after 2m or no agents "
	    "also queue general;" },
	{ false, "queue a { after 1s also queue b; after 1s also queue c; "
	    "after 1s also queue d; after 1s also queue general; } queue "
	    "b {} queue c {} queue d {}",
	    "4:100+7 error: a queue flows over to at most 3 queues | as "
	    "in: after 30s need billing 20+; or: after 2m or no agents "
	    "also queue general;" },
	{ false, "hours office { zone \"UTC\"; open mon 00:00-00:30, "
	    "01:00-01:30, 02:00-02:30, 03:00-03:30, 04:00-04:30, "
	    "05:00-05:30, 06:00-06:30, 07:00-07:30, 08:00-08:30; }",
	    "4:141+5 error: a day has at most 8 spans | as in: open "
	    "mon-fri 09:00-12:30, 13:30-18:00;" },
	{ false, "skill billing;",
	    "4:7+7 error: a second skill called \"billing\" | the first "
	    "is x.conf:2" },
	{ false, "skill a.;",
	    "4:8+1 error: . means nothing here" },
	{ false, "workspace \"my place\";",
	    "4:11+10 error: a name is expected here, not \"my place\" | "
	    "as in: workspace main;" },
	{ false, "gateway pbx1 { from 127.0.0.1; secret file \"x\"; }",
	    "4:32+6 error: a gateway has no statement \"secret\"" },
	{ false, "gateway pbx1 { from 127.0.0.1; protocol sip; }",
	    "4:41+3 error: a protocol is one of: json, fastagi, ari, "
	    "esl, twilio" },
	{ false, "channel chat site { } gateway site { from 127.0.0.1; }",
	    "4:31+4 error: a second channel or gateway called \"site\" | "
	    "the first is x.conf:4" },
	{ false, "queue general { } route { channel chat -> queue general; "
	    "otherwise and channel chat -> queue general; otherwise -> "
	    "queue general; }",
	    "4:58+9 error: otherwise stands alone: otherwise -> queue "
	    "NAME;" },
	{ false, "queue general { } route { channel in chat -> queue general; "
	    "otherwise -> queue general; }",
	    "4:38+4 error: chat has no place here | a statement begins "
	    "with a word and ends with ;" },
	{ false, "queue general { } route { ((((((((((((((((( channel chat "
	    "))))))))))))))))) -> queue general; otherwise -> queue "
	    "general; }",
	    "4:43+1 error: parentheses are nested too deep" },
	{ false, "a { a { a { a { a { a { a { a { a { } } } } } } } } }",
	    "4:35+1 error: blocks are nested too deep" },
	{ false, "queue a { ring 1234567890s; }",
	    "4:16+11 error: a number has at most 9 digits" },
	{ false, "queue a { ring 20s; $ }",
	    "4:21+1 error: $ means nothing here" },
	{ false, "queue general { } route { otherwise -> queue general, "
	    "billing; }",
	    "4:53+1 error: , is too much here | as in: channel chat -> "
	    "queue support;" },
	{ false,
	    "channel mail a { address \"x@y.example\"; } channel mail b { address "
	    "\"x@y.example\"; }",
	    "4:56+1 error: channel a has the same address" },
	{ false,
	    "queue general { } route { text has \"x\" -> queue general; language "
	    "fr -> queue general; text has \"X\" -> queue general; otherwise -> "
	    "queue general; }",
	    "4:88+12 error: this rule is never reached | line 4 asks the same" },
	{ false, "channel mail a { address \"a@b\"; token file \"x\"; secret "
	    "file \"y\"; }",
	    "4:49+6 error: a door has one secret, and it is named above" },
	{ false, "channel mail a { address \"a@b\"; token \"x\"; token file; }",
	    "4:39+3 error: a secret is never written in a config | "
	    "write: token file \"NAME\"; and put it in that file\n4:44+5 "
	    "error: token stands here a second time | the first is on "
	    "line 4" },
	{ false, "channel mail a { address help; }",
	    "4:26+4 error: an address in quotes is expected here, not "
	    "help | as in: address \"help@acme.example\";" },
	{ false, "channel chat a { brand; trust dkim; } brand b { }",
	    "4:23+1 error: a brand is missing | as in: brand acme;" },
	{ false, "channel fax a { origin \"https://a.example\"; }",
	    "4:13+1 warning: an origin means something to a chat channel "
	    "only\n0:0+1 warning: there is no agent" },
	{ false, "gateway a { from 127.0.0.1; country; }",
	    "4:36+1 error: a country such as FR is missing | as in: "
	    "country FR;" },
	{ false, "segment x { language fr; } tail start 2m;",
	    "4:28+4 error: head is expected here, not tail | as in: "
	    "segment vip { customer.tier = \"gold\"; } head start 2m;" },
	{ false, "segment x { language fr; };",
	    "0:0+1 warning: there is no agent" },
	{ false, "segment x { language fr; channel chat; } head start 2m;",
	    "4:26+7 error: channel has no place here | a statement "
	    "begins with a word and ends with ;" },
	{ false, "hours a { zone \"UTC\"; open 09:00-10:00; }",
	    "4:28+5 error: a day such as mon or mon-fri is expected "
	    "here, not 09:00 | as in: open mon-fri 09:00-12:30, "
	    "13:30-18:00;" },
	{ false, "hours a { zone \"UTC\"; open mon 09:00 10:00; }",
	    "4:38+5 error: - and a time are expected here | as in: open "
	    "mon-fri 09:00-12:30, 13:30-18:00;" },
	{ false, "hours a { zone \"UTC\"; open 2026-12-24; closed every 12-25 "
	    "x; }",
	    "4:38+1 error: a time is missing | as in: open mon-fri "
	    "09:00-12:30, 13:30-18:00;\n4:59+1 error: x is too much here "
	    "| as in: closed 2026-12-25 \"Christmas\";" },
	{ false, "hours a { zone \"UTC\"; zone \"UTC\"; open mon-sunday "
	    "09:00-10:00; }",
	    "4:23+4 error: zone stands here a second time | the first is "
	    "on line 4\n4:40+10 error: days are mon tue wed thu fri sat "
	    "sun, mon-fri or daily | as in: open mon-fri 09:00-12:30, "
	    "13:30-18:00;" },
	{ false, "hours a { zone \"UTC\"; }",
	    "4:7+1 warning: these hours are never open\n0:0+1 warning: "
	    "there is no agent" },
	{ false, "queue general { } route { text \"x\" -> queue general; "
	    "otherwise -> queue general; }",
	    "4:32+3 error: has or matches is expected here | as in: text "
	    "has \"invoice\", \"refund\"" },
	{ false, "queue general { } route { dialled 123 -> queue general; "
	    "otherwise -> queue general; }",
	    "4:35+3 error: a number in quotes is expected here, not 123 "
	    "| as in: dialled \"+33155501010\"" },
	{ false, "queue general { } route { language english -> queue "
	    "general; otherwise -> queue general; }",
	    "4:36+7 error: a language has two small letters, such as fr "
	    "| as in: language fr" },
	{ false, "queue general { } route { text matches \"x\" -> queue "
	    "general; otherwise -> queue general; }",
	    "4:40+3 error: a pattern such as /invoice/i is expected "
	    "here, not \"x\" | as in: text has \"invoice\", \"refund\"" },
	{ false, "queue general { } route { queue general waiting 20 -> queue "
	    "general; otherwise -> queue general; }",
	    "4:49+2 error: a comparison such as > 20 is expected here, "
	    "not 20 | as in: queue general waiting > 20" },
	{ false, "queue general { } route { contact.a > \"x\" -> queue "
	    "general; otherwise -> queue general; }",
	    "4:39+3 error: a number is expected here, not \"x\" | as in: "
	    "customer.tier = \"gold\"" },
	{ false, "gateway a { from 127.0.0.1; } gateway b { from 127.0.0.1; } "
	    "agent m { team day; phone \"1\"; }",
	    "4:90+1 error: via which gateway? | as in: phone "
	    "\"PJSIP/2001\" via pbx1;" },
	{ false, "agent m \"M\" { team day; label \"N\"; }",
	    "4:31+3 error: the label stands behind the name already | as "
	    "in: label \"Maria Costa\";" },
	{ false, "agent m 5 { team day; }",
	    "4:9+1 error: 5 is too much here | as in: agent maria "
	    "\"Maria Costa\" { team day; }" },
	{ false, "agent m { team day; skills nothing 5; }",
	    "4:28+7 error: no skill is called \"nothing\"" },
	{ false, "agent m { team day; phone \"1\" via nobody; }",
	    "4:35+6 error: no channel or gateway is called \"nobody\"" },
	{ false, "queue a { need billing 1+; need billing 2+; }",
	    "4:33+7 error: this is asked for a second time | as in: need "
	    "billing 60+, language of contact;" },
	{ false, "queue a { closed { mail bounce; } }",
	    "4:25+6 error: a closed queue answers with wait, voicemail, "
	    "mail-form or refuse | as in: phone voicemail;" },
	{ false, "queue a { need no language of contact; }",
	    "4:19+8 error: nothing before asks for this | as in: need "
	    "billing 60+, language of contact;" },
	{ false, "queue a { after 5s or no agents queue general; }",
	    "4:33+5 error: also is expected here, not queue | as in: "
	    "after 30s need billing 20+; or: after 2m or no agents also "
	    "queue general;" },
	{ false, "queue a { when after 5s also queue general; ring 5s { } }",
	    "4:45+4 error: ring has no block | as in: ring 20s;" },
	{ false, "queue a b { }",
	    "4:9+1 error: b is too much here | as in: queue billing { "
	    "need billing 60+; }" },
	{ false, "queue;",
	    "4:6+1 error: a name is missing | as in: queue billing { "
	    "need billing 60+; }" },
	{ false, "standard a { within 4h; answer 80% within 20s; }",
	    "4:25+6 error: the time to answer is said already | as in: "
	    "answer 80% within 20s per 30m;" },
	{ false, "standard a { answer 80% within 20s; within 4h; }",
	    "4:37+6 error: the time to answer is said already | as in: "
	    "within 4h of office;" },
	{ false, "standard a { answer 80% within 5m; alarm after 20s; }",
	    "4:10+1 warning: the alarm comes before the answer is "
	    "due\n0:0+1 warning: there is no agent" },
	{ false, "brand a { signature file acme; name Acme; }",
	    "4:26+4 error: a file is expected here, not acme | as in: "
	    "signature file \"acme.txt\";\n4:37+4 error: a name in "
	    "quotes is expected here, not Acme | as in: name \"Acme\";" },
	{ false, "data \"\"; web; log;",
	    "4:6+2 error: a directory is missing | as in: data "
	    "\"/var/lib/usher\";\n4:13+1 error: a directory is missing | "
	    "as in: web \"/usr/share/usher/web\";\n4:18+1 error: a level "
	    "is missing | as in: log info;" },
	{ false, "listen; listen pages; listen control; listen agents "
	    "\"127.0.0.1:1\" { }",
	    "4:7+1 error: pages, agents, gateway or control is missing | "
	    "as in: listen pages 0.0.0.0:7443 tls { certificate "
	    "\"cert.pem\"; key \"key.pem\"; }\n4:21+1 error: an address "
	    "and port is missing | as in: listen pages 0.0.0.0:7443 tls "
	    "{ certificate \"cert.pem\"; key \"key.pem\"; }\n4:37+1 "
	    "error: the path of a socket is missing | as in: listen "
	    "pages 0.0.0.0:7443 tls { certificate \"cert.pem\"; key "
	    "\"key.pem\"; }\n4:66+1 error: a block follows tls only | as "
	    "in: listen pages 0.0.0.0:7443 tls { certificate "
	    "\"cert.pem\"; key \"key.pem\"; }" },
	{ false, "listen control "
	    "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\";",
	    "4:16+110 error: the path of a socket has at most 107 bytes "
	    "| as in: listen pages 0.0.0.0:7443 tls { certificate "
	    "\"cert.pem\"; key \"key.pem\"; }" },
	{ false, "workspace main { }",
	    "4:1+9 error: workspace has no block | as in: workspace main;" },
	{ false, "skill a b; skill;",
	    "4:9+1 error: b is too much here | as in: skill billing, "
	    "lang.fr \"French\";\n4:17+1 error: a name is missing | as "
	    "in: skill billing, lang.fr \"French\";" },
	{ false, "channel; channel chat; channel chat 5 { }",
	    "4:8+1 error: a kind of channel is missing | as in: channel "
	    "mail help { address \"help@acme.example\"; }\n4:22+1 error: "
	    "a name is missing | as in: channel mail help { address "
	    "\"help@acme.example\"; }\n4:37+1 error: a name is expected "
	    "here, not 5 | as in: channel mail help { address "
	    "\"help@acme.example\"; }" },
	{ false, "test { }",
	    "4:5+1 error: the name of the test is missing | as in: test "
	    "\"refund\" { chat site \"refund\"; expect queue billing; }" },
	{ false, "channel chat s { } test \"t\" { chat s; chat s; zone "
	    "\"Mars\"; at mon; }",
	    "4:39+4 error: a test is about one contact | as in: chat "
	    "site \"refund please\";\n4:52+6 error: no time zone is "
	    "called \"Mars\"\n4:66+1 error: a time such as 10:00 is "
	    "missing | as in: at 2026-12-25 10:00; or: at mon 10:00;" },
	{ false, "channel chat s { } test \"t\" { chat s; from here \"x\"; "
	    "from phone 5; attribute a b; attribute; ready bob; }",
	    "4:44+4 error: this is phone, mail, handle, account or "
	    "visitor | as in: from phone \"+351912345678\";\n4:65+1 "
	    "error: a text in quotes is expected here, not 5 | as in: "
	    "from phone \"+351912345678\";\n4:80+1 error: a text in "
	    "quotes or a number is missing | as in: attribute "
	    "customer.tier = \"gold\";\n4:92+1 error: a name is missing "
	    "| as in: attribute customer.tier = \"gold\";\n4:100+3 "
	    "error: no agent is called \"bob\"" },
	{ false, "channel chat s { } test \"t\" { chat s; }",
	    "4:20+4 warning: this test expects nothing\n0:0+1 warning: "
	    "there is no agent" },
	{ false, "channel chat s { } hours a { zone \"UTC\"; open mon "
	    "09:00-10:00; } hours b { zone \"Europe/Paris\"; open mon "
	    "09:00-10:00; } test \"t\" { at mon 09:00; chat s; expect "
	    "nobody; }",
	    "4:121+4 error: hours lie in several zones: which one is "
	    "meant? | as in: zone \"Europe/Paris\";" },
	{ false, "queue "
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	    "aaaaaaa { }",
	    "4:7+65 error: a name has at most 64 characters" },
	{ false, "gateway a { from 127.0.0.1; trust caller maybe; }",
	    "4:42+5 error: yes or no is expected here, not maybe | as "
	    "in: trust caller yes;" },
	{ false, "include x;",
	    "4:1+7 error: nothing is included here" },
	{ false, "skill a",
	    "5:1+5 error: queue is too much here | is the ; missing at "
	    "the end of line 4?" },
	{ false, "queue general { } route { otherwise -> queue general; } "
	    "skill billing2",
	    "4:71+1 error: ; is missing" },
	{ false, "queue a { need billing 1+ ( ; ring 5s; }",
	    "4:27+1 error: ( has no place here | is a ; missing before "
	    "it?" },
	{ false, "queue a -> b { ring 5x; }",
	    "4:9+2 error: -> has no place here | is a ; missing before "
	    "it?\n4:21+2 error: this is neither a number nor a duration "
	    "| units are ms, s, m, h and d, as in 90s" },
	{ false, "segment { language fr; } head start 1m;",
	    "4:9+1 error: a name is missing | as in: segment vip { "
	    "customer.tier = \"gold\"; } head start 2m;" },
	{ false, "segment x language fr; queue z { rin 5s; }",
	    "4:11+8 error: language has no place here | a statement "
	    "begins with a word and ends with ;\n4:34+3 error: a queue "
	    "has no statement \"rin\" | did you mean \"ring\"?" },
	{ false, "queue general { } route { chanel chat -> queue general; "
	    "otherwise -> queue general; }",
	    "4:27+6 error: a condition cannot begin with \"chanel\" | "
	    "did you mean \"channel\"?" },
	{ false, "skill a\nqueue general { ring 2x; }",
	    "5:1+5 error: queue is too much here | is the ; missing at "
	    "the end of line 4?\n5:22+2 error: this is neither a number "
	    "nor a duration | units are ms, s, m, h and d, as in 90s" },
	{ false, "queue b { need billing 5+\n    ring 5s\n    clozed { }\n    "
	    "open always; }",
	    "5:5+4 error: ring is too much here | is the ; missing at "
	    "the end of line 4?\n6:5+6 error: clozed is too much here | "
	    "is the ; missing at the end of line 5?" },
	{ false, "team x { takes phone 1\n}\nagent m { team x\n skills "
	    "billing 5; }",
	    "4:23+1 error: ; is missing\n7:2+6 error: skills is too much "
	    "here | is the ; missing at the end of line 6?" },
	{ false, "log info\nworkspace x\nskill z\nsegment q { language fr; } "
	    "head start 1m;",
	    "5:1+9 error: workspace is too much here | is the ; missing "
	    "at the end of line 4?\n6:1+5 error: skill is too much here "
	    "| is the ; missing at the end of line 5?\n7:1+7 error: "
	    "segment is too much here | is the ; missing at the end of "
	    "line 6?\n7:28+4 error: a config has no statement \"head\" | "
	    "did you mean \"team\"?" },
	{ false, "segment { language fr; } head start 1m; segment \"9\" { "
	    "language fr; };",
	    "4:9+1 error: a name is missing | as in: segment vip { "
	    "customer.tier = \"gold\"; } head start 2m;\n4:49+3 error: a "
	    "name begins with a letter and is made of a-z, 0-9, _ . and -" },
	{ false, "agent m \"M\" \"N\" { team day; }",
	    "4:13+3 error: \"N\" is too much here | as in: agent maria "
	    "\"Maria Costa\" { team day; }" },
	{ false, "channel chat s t { }",
	    "4:16+1 error: t is too much here | as in: channel mail help "
	    "{ address \"help@acme.example\"; }" },
	{ false, "queue general { } route { channel chat -> queue general; "
	    "otherwise -> queue general }",
	    "4:84+1 error: ; is missing" },
	{ false, "queue general { } route { channel chat ) -> queue general; "
	    "otherwise -> queue general; }",
	    "4:39+1 error: -> is missing behind this condition | as in: "
	    "channel chat -> queue support;" },
	{ false, "queue general { } route { channel chat -> queue general ( ; "
	    "otherwise -> queue general; }",
	    "4:57+1 error: ( has no place here | is a ; missing before "
	    "it?" },
	{ false, "queue z\nroute { a; b 5; }\n# queue general { route {",
	    "5:1+5 error: route is too much here | is the ; missing at the "
	    "end of line 4?" },
	{ false, "gateway pbx1 { from 10.0.0.5; protocol fastagi; }",
	    "4:40+7 warning: this version speaks json only: nothing will "
	    "come in here\n"
	    "0:0+1 warning: there is no agent" },
};
/* clang-format on */

static void make_text(const struct wrong *w, struct buf *out)
{
	if (w->whole) {
		buf_add_text(out, w->text);
		return;
	}
	buf_addf(out,
	    "language 1;\nskill billing, lang.fr;\nteam day { }\n%s\n",
	    w->text);
	if (strstr(w->text, "queue general {") == NULL)
		buf_add_text(out, "queue general { }\n");
	if (strstr(w->text, "route {") == NULL)
		buf_add_text(out, "route { otherwise -> queue general; }\n");
}

static void show_notes(const struct config_notes *n, struct buf *out)
{
	for (size_t i = 0; i < n->count; i++) {
		const struct config_note *x = &n->items[i];

		buf_addf(out, "%s%u:%u+%u %s: %s%s%s", i == 0 ? "" : "\n",
		    x->line, x->column, x->width,
		    x->is_error ? "error" : "warning", x->text,
		    x->hint ? " | " : "", x->hint ? x->hint : "");
	}
}

static void each_mistake_has_its_note(void **state)
{
	(void)state;
	for (size_t i = 0; i < countof(table); i++) {
		struct config_notes notes = { 0 };
		struct config *c = NULL;
		struct buf text = { 0 };
		struct buf shown = { 0 };
		int rc;

		make_text(&table[i], &text);
		rc = config_parse("x.conf", buf_str(&text), &c, &notes);
		show_notes(&notes, &shown);
		if (strcmp(shown.data, table[i].notes) != 0)
			print_message("row %zu: %s\n", i, table[i].text);
		assert_string_equal(shown.data, table[i].notes);
		assert_int_equal(rc, notes.errors > 0 ? ERR_INVALID : 0);
		assert_true((c == NULL) == (rc != 0));
		config_free(c);
		config_notes_done(&notes);
		buf_done(&text);
		buf_done(&shown);
	}
	assert_true(countof(table) > 60);
}

static void five_mistakes_are_found_in_one_pass(void **state)
{
	static const char text[] =
	    "language 1;\n"
	    "queue billing { need biling 60+; }\n"
	    "queue general { ring 20s }\n"
	    "agent maria { }\n"
	    "hours office { zone \"UTC\"; open mon 18:00-09:00; }\n"
	    "route { channel chat -> queue generel; otherwise -> queue "
	    "general; }\n";
	static const char expected[] =
	    "2:22+6 error: no skill is called \"biling\"\n"
	    "3:25+1 error: ; is missing\n"
	    "4:7+5 error: this agent has no team | as in: team day;\n"
	    "5:43+5 error: this ends before it begins | as in: open fri "
	    "22:00-24:00; open sat 00:00-06:00;\n"
	    "6:31+7 error: no queue is called \"generel\" | did you mean "
	    "\"general\"?";
	struct config_notes notes = { 0 };
	struct config *c = NULL;
	struct buf shown = { 0 };

	(void)state;
	assert_int_equal(
	    config_parse("x.conf", STR(text), &c, &notes), ERR_INVALID);
	show_notes(&notes, &shown);
	assert_string_equal(shown.data, expected);
	assert_int_equal(notes.errors, 5);
	assert_null(c);
	config_notes_done(&notes);
	buf_done(&shown);
}

static void a_note_shows_line_caret_and_hint(void **state)
{
	static const char text[] = "language 1;\n"
	                           "queue général {\n"
	                           "\tring 20s;\tneed \"é\", biling 60+;\n"
	                           "}\n";
	static const char expected[] =
	    "dir/x.conf: error: there is no route\n"
	    "    as in: route { otherwise -> queue general; }\n"
	    "dir/x.conf:2:7: error: letters beyond a-z stand in texts only\n"
	    "    queue général {\n"
	    "          ^~~~~~~\n"
	    "    a text is in quotes: \"général\"\n"
	    "dir/x.conf:3:17: error: no skill is called \"é\"\n"
	    "    \tring 20s;\tneed \"é\", biling 60+;\n"
	    "    \t         \t     ^~~\n";
	struct config_notes notes = { 0 };
	struct config *c = NULL;
	struct buf shown = { 0 };

	(void)state;
	assert_int_equal(
	    config_parse("dir/x.conf", STR(text), &c, &notes), ERR_INVALID);
	config_notes_show(&notes, &shown);
	assert_string_equal(shown.data, expected);
	config_notes_done(&notes);
	buf_done(&shown);
}

static void a_flood_of_errors_is_bounded(void **state)
{
	struct config_notes notes = { 0 };
	struct config *c = NULL;
	struct buf text = { 0 };
	struct buf shown = { 0 };

	(void)state;
	buf_add_text(&text, "language 1;\n");
	for (int i = 0; i < 5000; i++)
		buf_addf(&text, "quue q%d { }\n", i);
	assert_int_equal(
	    config_parse("x", buf_str(&text), &c, &notes), ERR_INVALID);
	assert_int_equal(notes.count, 200);
	assert_int_equal(notes.errors, 5001);
	config_notes_show(&notes, &shown);
	assert_non_null(
	    strstr(shown.data, "... and more (5001 errors in all)"));
	config_notes_done(&notes);
	buf_done(&text);
	buf_done(&shown);
}

static void counts_are_limited(void **state)
{
	struct config_notes notes = { 0 };
	struct config *c = NULL;
	struct buf text = { 0 };

	(void)state;
	buf_add_text(&text, "language 1; queue general { }\n"
	                    "route { otherwise -> queue general; }\n");
	for (int i = 0; i < 66; i++)
		buf_addf(
		    &text, "segment s%d { language fr; } head start 1s;\n", i);
	assert_int_equal(
	    config_parse("x", buf_str(&text), &c, &notes), ERR_INVALID);
	assert_int_equal(notes.errors, 2);
	assert_int_equal(notes.items[0].line, 67);
	assert_string_equal(
	    notes.items[0].text, "one segment too many: at most 64");
	config_notes_done(&notes);
	buf_clear(&text);
	buf_add_text(&text, "language 1; queue general { }\nroute {\n");
	for (int i = 0; i < 1025; i++)
		buf_addf(&text, "contact.a = \"%d\" -> queue general;\n", i);
	buf_add_text(&text, "otherwise -> queue general; }\n");
	assert_int_equal(
	    config_parse("x", buf_str(&text), &c, &notes), ERR_INVALID);
	assert_int_equal(notes.errors, 1);
	assert_int_equal(notes.items[0].line, 1027);
	assert_string_equal(notes.items[0].text,
	    "at most 1024 different questions in one config");
	config_notes_done(&notes);
	buf_done(&text);
}

/* Left-deep and right-deep, in words, brackets and negations. */
static void depth_is_limited(void **state)
{
	static const char *const open[] = { "channel chat and ", "not ", "(",
		"a { ", "channel chat and (language fr or " };

	(void)state;
	for (size_t i = 0; i < countof(open); i++) {
		struct config_notes notes = { 0 };
		struct config *c = NULL;
		struct buf text = { 0 };

		buf_addf(&text, "language 1; %s", i == 3 ? "" : "route { ");
		for (int n = 0; n < 100000; n++)
			buf_add_text(&text, open[i]);
		assert_int_equal(
		    config_parse("x", buf_str(&text), &c, &notes), ERR_INVALID);
		assert_int_equal(notes.errors, 1);
		assert_non_null(strstr(notes.items[0].text, "too"));
		config_notes_done(&notes);
		buf_done(&text);
	}
}

static void control_characters_never_reach_the_terminal(void **state)
{
	static const char text[] = "language 1;\nqueue \"a\x1b[2J\" { }\n";
	struct config_notes notes = { 0 };
	struct config *c = NULL;
	struct buf shown = { 0 };

	(void)state;
	assert_int_equal(config_parse("x", STR(text), &c, &notes), ERR_INVALID);
	config_notes_show(&notes, &shown);
	assert_null(strchr(shown.data, 0x1b));
	assert_non_null(strstr(shown.data, "a control character in a text"));
	config_notes_done(&notes);
	buf_done(&shown);
}

static void what_is_not_utf8_is_refused_where_it_stands(void **state)
{
	static const char text[] = "language 1;\n# caf\xe9\n";
	struct config_notes notes = { 0 };
	struct config *c = NULL;

	(void)state;
	assert_int_equal(config_parse("x", STR(text), &c, &notes), ERR_INVALID);
	assert_int_equal(notes.errors, 1);
	assert_string_equal(notes.items[0].text, "this is not UTF-8 text");
	assert_int_equal(notes.items[0].line, 2);
	assert_int_equal(notes.items[0].column, 6);
	config_notes_done(&notes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mistake_has_its_note),
		cmocka_unit_test(five_mistakes_are_found_in_one_pass),
		cmocka_unit_test(a_note_shows_line_caret_and_hint),
		cmocka_unit_test(a_flood_of_errors_is_bounded),
		cmocka_unit_test(counts_are_limited),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(control_characters_never_reach_the_terminal),
		cmocka_unit_test(what_is_not_utf8_is_refused_where_it_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
