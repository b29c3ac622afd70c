// SPDX-License-Identifier: GPL-3.0-or-later
// The chat page: a form, then a conversation. Listens over a WebSocket and,
// where that does not get through, by long polls; speaks by the same.
// chat.html?door=NAME opens another chat channel than "site".

import { $, make, show, clockTime, freshKey, sendOnEnter, atEnd, toEnd, wait }
	from "./common.js";

const DOOR = new URLSearchParams(location.search).get("door") || "site";
const BASE = `/v1/main/chat/${encodeURIComponent(DOOR)}`;
const KEPT = `usher.chat.${DOOR}`;
const POLL_S = 25;
const RETRY_MAX_MS = 15000;

let chat = null; // { contact, token, seq }
let socket = null;
let over = false;
let failures = 0; // of WebSockets in a row, before one ever opened
let opened = false;
const shown = new Map(); // message id or key -> element

// ---- what is kept in the browser ---------------------------------------------

function keep() {
	sessionStorage.setItem(KEPT, JSON.stringify(chat));
}

function kept() {
	try {
		return JSON.parse(sessionStorage.getItem(KEPT));
	} catch {
		return null;
	}
}

// ---- asking --------------------------------------------------------------------

async function call(method, path, body) {
	const headers = {};
	if (chat)
		headers.Authorization = `Bearer ${chat.token}`;
	if (body)
		headers["Content-Type"] = "application/json";
	const answer = await fetch(BASE + path, { method, headers,
		body: body && JSON.stringify(body), cache: "no-store" });
	const value = await answer.json().catch(() => ({}));
	if (!answer.ok) {
		const error = new Error(value.detail || value.title ||
			`The server said ${answer.status}.`);
		error.status = answer.status;
		throw error;
	}
	return value;
}

function problem(text) {
	$("problem").textContent = text;
}

// ---- the page --------------------------------------------------------------------

function showChat() {
	show($("before"), false);
	show($("messages"), true);
	show($("composer"), true);
	$("text").focus();
}

function row(m) {
	const mine = m.author === "customer";
	if (m.author === "system")
		return make("li", "system", m.text);
	return make("li", mine ? "mine" : "",
		make("div", "by", [mine ? "You" : m.name || "Agent",
			clockTime(m.at)].join("  ")),
		make("div", "said", m.text));
}

function add(m) {
	const known = shown.get(m.message);
	if (known)
		return known;
	const list = $("messages");
	const follow = atEnd(list);
	const element = row(m);
	if (m.message)
		shown.set(m.message, element);
	list.append(element);
	if (follow || m.author === "customer")
		toEnd(list);
	return element;
}

function showState(state) {
	const texts = {
		waiting: state.place ? `You are number ${state.place} in line.` :
			"Somebody will be with you in a moment.",
		"with-agent": `You are talking with ${state.agent || "an agent"}.`,
		ended: "This chat has ended.",
	};
	$("status").textContent = texts[state.state] || "";
	if (state.state === "ended")
		finish();
}

function showClosed(closed) {
	let text = closed.text || "We are closed right now.";
	if (closed.next)
		text += ` We open ${new Date(closed.next).toLocaleString([],
			{ weekday: "long", hour: "2-digit", minute: "2-digit" })}.`;
	$("status").textContent = text;
}

function finish() {
	over = true;
	sessionStorage.removeItem(KEPT);
	$("composer").replaceChildren(make("div", "row",
		make("span", "quiet", "Thank you for writing."),
		make("span", "space"), againButton()));
}

function againButton() {
	const button = make("button", "primary", "Start another");
	button.type = "button";
	button.addEventListener("click", () => location.reload());
	return button;
}

function take(frame) {
	const kinds = {
		message: () => add(frame),
		state: () => showState(frame),
		closed: () => showClosed(frame),
		typing: showTyping,
		ack: () => acknowledge(frame),
		error: () => problem(frame.text),
	};
	if (kinds[frame.type])
		kinds[frame.type]();
	if (frame.seq > chat.seq) {
		chat.seq = frame.seq;
		if (!over)
			keep();
	}
}

let typingTimer;
let statusBefore = null;
function showTyping() {
	if (statusBefore === null)
		statusBefore = $("status").textContent;
	$("status").textContent = "Typing ...";
	clearTimeout(typingTimer);
	typingTimer = setTimeout(() => {
		$("status").textContent = statusBefore;
		statusBefore = null;
	}, 3000);
}

// ---- listening -----------------------------------------------------------------------

function listenBySocket() {
	const scheme = location.protocol === "https:" ? "wss" : "ws";
	socket = new WebSocket(
		`${scheme}://${location.host}${BASE}/${chat.contact}/ws`);
	socket.onopen = () => {
		opened = true;
		failures = 0;
		problem("");
		socket.send(JSON.stringify({ token: chat.token,
			after: chat.seq }));
		for (const [key, one] of unsaid)
			socket.send(JSON.stringify({ type: "say", key,
				text: one.text }));
	};
	socket.onmessage = (e) => take(JSON.parse(e.data));
	socket.onclose = async () => {
		socket = null;
		if (over)
			return;
		failures++;
		if (opened)
			problem("Connection lost. Trying again ...");
		await wait(Math.min(500 * 2 ** failures, RETRY_MAX_MS));
		// two in a row and never one open: something in between does
		// not let WebSockets through
		if (!opened && failures >= 2)
			listenByPolls();
		else
			listenBySocket();
	};
}

async function listenByPolls() {
	let delay = 1000;
	while (!over) {
		try {
			const answer = await call("GET",
				`/${chat.contact}/messages?after=${chat.seq}` +
				`&wait=${POLL_S}`);
			for (const m of answer.messages)
				take({ type: "message", ...m });
			if (answer.closed)
				take({ type: "closed", ...answer.closed });
			take({ type: "state", ...answer.state });
			chat.seq = Math.max(chat.seq, answer.seq);
			problem("");
			delay = 1000;
		} catch (error) {
			if (error.status === 401 || error.status === 404) {
				showState({ state: "ended" });
				return;
			}
			problem("Connection lost. Trying again ...");
			await wait(delay);
			delay = Math.min(delay * 2, RETRY_MAX_MS);
		}
	}
}

// ---- speaking ------------------------------------------------------------------------

const unsaid = new Map(); // key -> { text, element }

function acknowledge(frame) {
	const one = unsaid.get(frame.key);
	unsaid.delete(frame.key);
	if (!one)
		return;
	one.element.classList.remove("unsent");
	// the message itself may have come first
	if (shown.has(frame.message) && shown.get(frame.message) !== one.element)
		one.element.remove();
	else
		shown.set(frame.message, one.element);
}

async function say(text) {
	const key = freshKey();
	const element = row({ author: "customer", text,
		at: new Date().toISOString() });
	element.classList.add("unsent");
	$("messages").append(element);
	toEnd($("messages"));
	unsaid.set(key, { text, element });
	if (socket && socket.readyState === 1) {
		socket.send(JSON.stringify({ type: "say", key, text }));
		return;
	}
	if (opened)
		return; // it goes out with the next connection
	try {
		const answer = await call("POST", `/${chat.contact}/messages`,
			{ key, text });
		acknowledge({ key, message: answer.message });
	} catch (error) {
		problem(error.message);
	}
}

// ---- beginning and ending ----------------------------------------------------------------

$("before").addEventListener("submit", async (e) => {
	e.preventDefault();
	const form = e.target;
	const body = { text: form.elements.text.value.trim(), key: freshKey(),
		language: navigator.language.slice(0, 2).toLowerCase() };
	for (const field of ["name", "mail"])
		if (form.elements[field].value.trim())
			body[field] = form.elements[field].value.trim();
	const visitor = localStorage.getItem("usher.visitor");
	if (visitor)
		body.visitor = visitor;
	problem("");
	try {
		const answer = await call("POST", "", body);
		chat = { contact: answer.contact, token: answer.token, seq: 0 };
		if (answer.visitor)
			localStorage.setItem("usher.visitor", answer.visitor);
		keep();
		showChat();
		showState(answer.state);
		listenBySocket();
	} catch (error) {
		problem(error.message);
	}
});

sendOnEnter($("text"), $("composer"));
$("composer").addEventListener("submit", (e) => {
	e.preventDefault();
	const text = $("text").value.trim();
	if (text === "" || over)
		return;
	$("text").value = "";
	say(text);
});

let typed = 0;
$("text").addEventListener("input", () => {
	if (socket && socket.readyState === 1 && Date.now() - typed > 2000) {
		typed = Date.now();
		socket.send('{"type":"typing"}');
	}
});

$("leave").addEventListener("click", async () => {
	try {
		showState(await call("POST", `/${chat.contact}/end`, {}));
	} catch (error) {
		problem(error.message);
	}
});

chat = kept();
if (chat) {
	chat.seq = 0; // the page is empty: from the beginning
	showChat();
	listenBySocket();
}
