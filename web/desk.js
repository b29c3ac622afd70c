// SPDX-License-Identifier: GPL-3.0-or-later
// The desk: one agent, one screen. Frames change what is known (`desk`), then
// the part of the page that shows it is made anew.

import { $, make, show, clockTime, dayAndTime, span, freshKey, sendOnEnter,
	atEnd, toEnd } from "./common.js";
import { Link } from "./link.js";

const WORKSPACE = "main";
const TOKEN = "usher.token";
const TITLE = document.title;
const REASONS = ["break", "lunch", "training", "meeting"];

const desk = {
	link: null,
	me: null,
	state: { state: "offline", reason: null, since: Date.now() },
	offer: null,
	contacts: new Map(),
	current: null,
};

// ---- small things ----------------------------------------------------------

let toastTimer;
function toast(text) {
	$("toast").textContent = text;
	show($("toast"), true);
	clearTimeout(toastTimer);
	toastTimer = setTimeout(() => show($("toast"), false), 5000);
}

// Asks the server; a refusal is shown, and the answer is null.
async function ask(cmd, fields) {
	try {
		return await desk.link.ask(cmd, fields);
	} catch (error) {
		toast(error.message);
		return null;
	}
}

const open = () => desk.contacts.get(desk.current);

function nameOf(contact) {
	return contact.name || contact.probably || contact.customer ||
		"Somebody new";
}

// ---- signing in --------------------------------------------------------------

function socketUrl() {
	const scheme = location.protocol === "https:" ? "wss" : "ws";
	return `${scheme}://${location.host}/v1/${WORKSPACE}/agent`;
}

function newLink() {
	desk.link = new Link(socketUrl(), onFrame, onLine);
}

function onLine(is, text) {
	$("line").textContent = is ? "" : text;
	$("line").classList.toggle("lost", !is && text !== "");
}

async function enter(begin) {
	newLink();
	const answer = await begin(desk.link);
	desk.me = answer;
	if (answer.token)
		sessionStorage.setItem(TOKEN, answer.token);
	desk.link.keepAlive();
	show($("sign-in"), false);
	show($("desk"), true);
	$("me").textContent = answer.name;
	fillTargets();
}

function leave(text) {
	sessionStorage.removeItem(TOKEN);
	desk.contacts.clear();
	desk.current = null;
	setOffer(null);
	show($("desk"), false);
	show($("sign-in"), true);
	document.querySelector("#sign-in .problem").textContent = text || "";
}

$("sign-in").querySelector("form").addEventListener("submit", async (e) => {
	e.preventDefault();
	const form = e.target;
	const problem = form.querySelector(".problem");
	problem.textContent = "";
	try {
		await enter((link) => link.signIn(form.name.value,
			form.password.value));
		form.password.value = "";
	} catch (error) {
		desk.link.close();
		problem.textContent = error.message;
	}
});

$("sign-out").addEventListener("click", async () => {
	await ask("logout");
	desk.link.close();
	leave("");
});

async function enterAgain() {
	const token = sessionStorage.getItem(TOKEN);
	if (!token)
		return;
	try {
		await enter((link) => link.signInAgain(token));
	} catch {
		desk.link.close();
		leave("");
	}
}

// ---- my state ------------------------------------------------------------------

function setState(frame) {
	desk.state = { state: frame.state, reason: frame.reason,
		since: frame.at || frame.since ?
			Date.parse(frame.at || frame.since) : Date.now() };
	showState();
}

function stateOption(value, text) {
	const option = make("option", "", text);
	option.value = value;
	return option;
}

function showState() {
	const { state, reason } = desk.state;
	const select = $("state");
	select.replaceChildren(stateOption("ready", "Ready"),
		...REASONS.map((r) => stateOption(r, `Not ready: ${r}`)));
	if (state === "ready") {
		select.value = "ready";
	} else {
		const now = state === "not-ready" ? reason || "" : state;
		if (!REASONS.includes(now))
			select.append(stateOption(now, state === "not-ready" ?
				(now ? `Not ready: ${now}` : "Not ready") :
				state === "wrap-up" ? "Wrap-up" : state));
		select.value = now;
	}
	$("dot").className = `dot ${state}`;
}

$("state").addEventListener("change", (e) => {
	const value = e.target.value;
	if (value === "ready")
		ask("state", { state: "ready" });
	else
		ask("state", { state: "not-ready", reason: value });
	e.target.blur();
});

// ---- offers ----------------------------------------------------------------------

function setOffer(frame) {
	desk.offer = frame && {
		...frame,
		total: Math.max(frame.rings_ms, 1),
		deadline: Date.now() + frame.rings_ms,
	};
	show($("offer"), Boolean(frame));
	document.title = frame ? `\u25cf Offer: ${frame.channel}` : TITLE;
	if (frame)
		showOffer(desk.offer);
}

function latestRow(c) {
	return make("li", "",
		make("span", "badge", c.channel),
		make("time", "", dayAndTime(c.at)),
		make("span", "", c.end || c.state),
		make("span", "about", c.subject || c.words || ""));
}

function showOffer(offer) {
	const who = offer.customer || {};
	// a call is accepted with the receiver
	show($("accept"), offer.channel !== "phone");
	show($("pick-up"), offer.channel === "phone");
	$("offer-channel").textContent = offer.channel;
	$("offer-title").textContent =
		who.probably || who.name || "Somebody new";
	const parts = [];
	if (offer.queue)
		parts.push(`Queue ${offer.queue}`);
	parts.push(`waited ${span(offer.waited_ms)}`);
	if (offer.subject || offer.words)
		parts.push(`\u201c${offer.subject || offer.words}\u201d`);
	$("offer-who").textContent = parts.join(" \u00b7 ");
	$("offer-latest").replaceChildren(
		...(offer.latest || []).slice(0, 4).map(latestRow));
	tickOffer();
}

function tickOffer() {
	if (!desk.offer)
		return;
	const left = Math.max(0, desk.offer.deadline - Date.now());
	$("offer-left").textContent = `${Math.ceil(left / 1000)} s`;
	$("offer-bar").value = left / desk.offer.total;
}

const accept = () => desk.offer && desk.offer.channel !== "phone" &&
	ask("accept", { offer: desk.offer.offer });
const reject = () => desk.offer && ask("reject", { offer: desk.offer.offer });
$("accept").addEventListener("click", accept);
$("reject").addEventListener("click", reject);

// ---- contacts ----------------------------------------------------------------------

function contactOf(id) {
	if (!desk.contacts.has(id))
		desk.contacts.set(id, { id, messages: [], unread: 0, draft: "" });
	return desk.contacts.get(id);
}

function begin(frame) {
	const contact = contactOf(frame.contact);
	Object.assign(contact, { ended: false, channel: frame.channel,
		queue: frame.queue, customer: frame.customer,
		maybe: frame.maybe, since: Date.now() });
	if (desk.offer && desk.offer.contact === frame.contact) {
		const who = desk.offer.customer || {};
		contact.name = who.probably ? null : who.name;
		contact.probably = who.probably;
		setOffer(null);
	}
	if (!open() || open().ended)
		desk.current = contact.id;
	refresh(contact);
}

function end(frame) {
	const contact = desk.contacts.get(frame.contact);
	if (!contact || contact.ended)
		return;
	contact.ended = true;
	contact.messages.push({ author: "system", at: frame.at,
		text: frame.state === "ended" ? `Ended: ${frame.reason}` :
			`No longer yours: ${frame.reason}` });
	showAll();
	refreshTimeline(contact).then(showAll);
}

// An ended one stays to be read until it is closed.
function forget(id) {
	desk.contacts.delete(id);
	desk.current = desk.contacts.keys().next().value || null;
	$("text").value = open() ? open().draft : "";
	showAll();
}

// What the record knows of it: messages and the customer's timeline.
async function refresh(contact) {
	const answer = await ask("contact", { contact: contact.id });
	if (answer) {
		const record = answer.contact;
		contact.messages = [...(record.messages || []),
			...contact.messages.filter((m) => m.pending)];
		contact.customer = record.customer || contact.customer;
		contact.maybe = record.maybe_customer || null;
		contact.queue = record.queue || contact.queue;
		contact.subject = record.subject;
		contact.channel = record.channel;
	}
	await refreshTimeline(contact);
	showAll();
}

async function refreshTimeline(contact) {
	const whose = contact.customer || contact.maybe;
	if (!whose) {
		contact.timeline = null;
		return;
	}
	const answer = await ask("history", { customer: whose });
	if (!answer)
		return;
	contact.timeline = answer.history;
	if (contact.customer) {
		contact.name = answer.history.name || contact.name;
		contact.probably = null;
	} else {
		contact.name = null;
		contact.probably = contact.probably ||
			`probably ${answer.history.name || whose}`;
	}
}

function contactButton(contact, index) {
	const button = make("button", "",
		make("span", "badge", contact.channel || "?"),
		make("span", "name", nameOf(contact)),
		contact.unread ? make("span", "unread", String(contact.unread)) :
			make("kbd", "", String(index + 1)),
		make("span", "about", contact.ended ? "ended" :
			[contact.queue, contact.subject].filter(Boolean)
				.join(" \u00b7 ")));
	button.setAttribute("aria-current",
		String(contact.id === desk.current));
	button.addEventListener("click", () => choose(contact.id));
	return make("li", "", button);
}

function showContacts() {
	const list = [...desk.contacts.values()];
	$("contacts").replaceChildren(...list.map(contactButton));
	show($("no-contacts"), list.length === 0);
}

function choose(id) {
	if (open())
		open().draft = $("text").value;
	desk.current = id;
	open().unread = 0;
	$("text").value = open().draft;
	$("is-note").disabled = false;
	setNote(false);
	showAll();
}

// ---- the conversation ------------------------------------------------------------

function messageRow(contact, m) {
	const who = { customer: nameOf(contact), agent: m.agent || desk.me.name,
		note: `${m.agent || desk.me.name}, note` }[m.author] || "";
	const side = { agent: "mine", note: "mine note",
		system: "system" }[m.author] || "";
	if (m.author === "system")
		return make("li", side, m.text);
	return make("li", m.pending ? `${side} unsent` : side,
		make("div", "by", `${who}  ${clockTime(m.at)}`),
		make("div", "said", m.text === null ? "(erased)" : m.text));
}

function showTalk() {
	const contact = open();
	show($("open"), Boolean(contact));
	show($("nothing-open"), !contact);
	if (!contact)
		return;
	$("who").textContent = nameOf(contact);
	$("what").textContent = [contact.channel, contact.queue,
		contact.subject].filter(Boolean).join(" \u00b7 ");
	show($("probably"), Boolean(contact.probably) && !contact.ended);
	$("probably-who").textContent =
		contact.probably ? `This is ${contact.probably}. Is it?` : "";
	const list = $("messages");
	const follow = atEnd(list) || list.dataset.contact !== contact.id;
	list.dataset.contact = contact.id;
	list.replaceChildren(
		...contact.messages.map((m) => messageRow(contact, m)));
	if (follow)
		toEnd(list);
	for (const id of ["transfer", "text", "send"])
		$(id).disabled = contact.ended;
	$("end-word").textContent = contact.ended ? "Close" : "End";
	// nobody reads a message on the phone: what is written is a note
	$("is-note").disabled = contact.channel === "phone";
	if (contact.channel === "phone")
		setNote(true);
}

function showTimeline() {
	const contact = open();
	const timeline = contact && contact.timeline;
	$("timeline").replaceChildren(...((timeline && timeline.contacts) || [])
		.map((c) => timelineRow(contact, c)));
}

function timelineRow(contact, c) {
	const row = make("li", c.id === contact.id ? "now" : "",
		make("div", "head",
			make("span", "badge", c.channel),
			make("time", "", dayAndTime(c.at)),
			make("span", "quiet", [c.end || c.state,
				c.agent].filter(Boolean).join(", "))));
	if (c.subject)
		row.append(make("div", "", c.subject));
	for (const m of (c.messages || []).slice(-3))
		row.append(make("div", "line-said",
			`${m.author === "customer" ? "" :
				`${m.agent || m.author}: `}${m.text || ""}`));
	return row;
}

function showAll() {
	showContacts();
	showTalk();
	showTimeline();
}

let typingTimer;
function showTyping() {
	show($("typing"), true);
	clearTimeout(typingTimer);
	typingTimer = setTimeout(() => show($("typing"), false), 3000);
}

let typed = 0;
$("text").addEventListener("input", () => {
	const contact = open();
	if (contact && contact.channel === "chat" && !contact.ended &&
	    !$("is-note").checked && Date.now() - typed > 2000) {
		typed = Date.now();
		desk.link.ask("typing", { contact: contact.id }, false)
			.catch(() => {});
	}
});

function setNote(on) {
	on = on || $("is-note").disabled;
	$("is-note").checked = on;
	$("composer").classList.toggle("note", on);
	$("text").placeholder = on ? "Only agents see this" :
		"Write to the customer";
}

$("is-note").addEventListener("change", (e) => setNote(e.target.checked));
sendOnEnter($("text"), $("composer"));
$("composer").addEventListener("submit", async (e) => {
	e.preventDefault();
	const contact = open();
	const text = $("text").value.trim();
	if (!contact || contact.ended || text === "")
		return;
	const note = $("is-note").checked;
	const pending = { author: note ? "note" : "agent", text, pending: true,
		at: new Date().toISOString() };
	contact.messages.push(pending);
	$("text").value = "";
	contact.draft = "";
	setNote(false);
	showTalk();
	toEnd($("messages"));
	const answer = await ask(note ? "note" : "send",
		{ contact: contact.id, text, key: freshKey() });
	contact.messages = contact.messages.filter((m) => m !== pending ||
		!answer);
	if (answer)
		addMessage(contact, { ...pending, pending: false,
			message: answer.message });
	else
		$("text").value = text;
	showTalk();
});

// By the frame or by the answer, whichever is first.
function addMessage(contact, m) {
	const known = contact.messages.some((x) => !x.pending &&
		(x.message || x.id) === m.message);
	if (!known)
		contact.messages.push(m);
	return !known;
}

function onMessage(frame) {
	const contact = desk.contacts.get(frame.contact);
	if (!contact)
		return;
	const author = frame.type === "note" ? "note" : frame.author;
	const fresh = addMessage(contact, { ...frame, author });
	if (fresh && author === "customer" &&
	    (contact.id !== desk.current || document.hidden))
		contact.unread++;
	showAll();
}

// ---- ending, handing on, whose it is, beginning -------------------------------------

function endOpen() {
	if (open() && open().ended)
		forget(open().id);
	else if (open())
		ask("end", { contact: open().id });
}
$("end").addEventListener("click", endOpen);

function transfer() {
	if (open() && !open().ended)
		$("transfer-dialog").showModal();
}
$("transfer").addEventListener("click", transfer);
$("transfer-dialog").addEventListener("close", () => {
	const to = $("transfer-to").value.trim();
	if ($("transfer-dialog").returnValue === "go" && to)
		ask("transfer", { contact: open().id, ...(to.startsWith("@") ?
			{ agent: to.slice(1) } : { queue: to }) });
	$("transfer-to").value = "";
});

async function fillTargets() {
	const queues = await ask("queues");
	const agents = await ask("agents");
	const names = [
		...((queues && queues.queues) || []).map((q) => q.name),
		...((agents && agents.agents) || []).map((a) => `@${a.name}`),
	];
	$("targets").replaceChildren(...names.map((n) => stateOption(n, n)));
}

$("confirm").addEventListener("click", () =>
	ask("confirm", { contact: open().id, evidence: "asked by the agent" }));
$("deny").addEventListener("click", () =>
	ask("deny", { contact: open().id }));

$("start").addEventListener("submit", async (e) => {
	e.preventDefault();
	const { channel, to, text } = e.target.elements;
	const fields = { channel: channel.value,
		[channel.value === "internal" ? "queue" : "to"]: to.value };
	if (text.value.trim())
		fields.text = text.value.trim();
	const answer = await ask("start", fields);
	if (answer) {
		e.target.reset();
		e.target.closest("details").open = false;
		if (desk.contacts.has(answer.contact))
			choose(answer.contact);
	}
});

// ---- frames ------------------------------------------------------------------------

function onSnapshot(frame) {
	const before = desk.contacts;
	desk.contacts = new Map();
	if (frame.agent)
		setState(frame.agent);
	for (const c of frame.contacts || []) {
		const contact = contactOf(c.contact);
		const old = before.get(c.contact) || {};
		Object.assign(contact, { channel: c.channel, subject: c.subject,
			customer: c.customer, maybe: c.maybe,
			draft: old.draft || "", messages: c.history || [],
			queue: old.queue, since: Date.parse(c.since) });
		refresh(contact);
	}
	setOffer(frame.offer || null);
	if (!desk.contacts.has(desk.current))
		desk.current = desk.contacts.keys().next().value || null;
	showAll();
}

const frames = {
	snapshot: onSnapshot,
	state: (f) => f.agent === desk.me.name && setState(f),
	offer: setOffer,
	"offer-closed": (f) => desk.offer && desk.offer.offer === f.offer &&
		f.reason !== "accepted" && setOffer(null),
	contact: (f) => (f.state === "active" ? begin(f) : end(f)),
	message: onMessage,
	note: onMessage,
	identity: (f) => desk.contacts.has(f.contact) &&
		refresh(contactOf(f.contact)),
	typing: (f) => f.contact === desk.current && showTyping(),
	call: (f) => {
		const contact = desk.contacts.get(f.contact);
		if (contact)
			contact.messages.push({ author: "system", at: f.at,
				text: `Call: ${f.step}` });
		showTalk();
	},
	conflict: (f) => leave(f.text),
	goodbye: (f) => leave(f.text),
	error: (f) => toast(f.text),
};

function onFrame(frame) {
	const take = frames[frame.type];
	if (take)
		take(frame);
}

// ---- keys and clocks ----------------------------------------------------------------

const keys = {
	a: accept,
	r: reject,
	e: endOpen,
	t: transfer,
	m: () => open() && (setNote(false), $("text").focus()),
	n: () => open() && (setNote(true), $("text").focus()),
	y: () => ask("state", desk.state.state === "ready" ?
		{ state: "not-ready", reason: "break" } : { state: "ready" }),
	"?": () => $("keys").showModal(),
};

document.addEventListener("keydown", (e) => {
	const typing = e.target instanceof Element &&
		e.target.matches("input, textarea, select");
	if (e.key === "Escape" && typing) {
		e.target.blur();
		return;
	}
	if (typing || e.ctrlKey || e.altKey || e.metaKey || $("desk").hidden ||
	    document.querySelector("dialog[open]"))
		return;
	const number = Number(e.key);
	if (number >= 1 && number <= desk.contacts.size) {
		choose([...desk.contacts.keys()][number - 1]);
	} else if (keys[e.key]) {
		e.preventDefault();
		keys[e.key]();
	}
});

document.addEventListener("visibilitychange", () => {
	if (!document.hidden && open() && open().unread) {
		open().unread = 0;
		showContacts();
	}
});

setInterval(() => {
	tickOffer();
	$("since").textContent = span(Date.now() - desk.state.since);
}, 250);

enterAgain();
