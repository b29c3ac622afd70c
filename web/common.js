// SPDX-License-Identifier: GPL-3.0-or-later
// What both pages need: elements by id, elements made from text only (nothing
// here ever turns text into markup), times for people, keys for messages.

export const $ = (id) => document.getElementById(id);

// make("li", "note", "text") or make("li", "", child, child)
export function make(tag, className, ...children) {
	const element = document.createElement(tag);
	if (className)
		element.className = className;
	element.append(...children.filter((c) => c !== null && c !== undefined));
	return element;
}

export function show(element, visible) {
	element.hidden = !visible;
}

export function clockTime(at) {
	return at ? new Date(at).toLocaleTimeString([],
		{ hour: "2-digit", minute: "2-digit" }) : "";
}

export function dayAndTime(at) {
	if (!at)
		return "";
	const then = new Date(at);
	if (then.toDateString() === new Date().toDateString())
		return `today ${clockTime(at)}`;
	return then.toLocaleString([], { day: "numeric", month: "short",
		hour: "2-digit", minute: "2-digit" });
}

export function span(ms) {
	const seconds = Math.max(0, Math.floor(ms / 1000));
	const two = (n) => String(n).padStart(2, "0");
	if (seconds < 3600)
		return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
	return `${Math.floor(seconds / 3600)}:` +
		`${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

// Unlike any other: a message that is sent twice is taken once.
export function freshKey() {
	const bytes = crypto.getRandomValues(new Uint8Array(12));
	return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

// Enter sends; Shift+Enter begins a line.
export function sendOnEnter(textarea, form) {
	textarea.addEventListener("keydown", (e) => {
		if (e.key === "Enter" && !e.shiftKey && !e.isComposing) {
			e.preventDefault();
			form.requestSubmit();
		}
	});
}

export function atEnd(list) {
	return list.scrollHeight - list.scrollTop - list.clientHeight < 40;
}

export function toEnd(list) {
	list.scrollTop = list.scrollHeight;
}

export const wait = (ms) => new Promise((done) => setTimeout(done, ms));
