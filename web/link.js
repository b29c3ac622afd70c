// SPDX-License-Identifier: GPL-3.0-or-later
// The agent protocol over one WebSocket: signs in, numbers commands, brings
// answers back, and when the line is lost comes back by itself where it was.
// Nothing here knows the page.

import { freshKey, wait } from "./common.js";

const RETRY_MAX_MS = 15000;
const PING_MS = 20000;

export class Refused extends Error {
	constructor(answer) {
		super(answer.text || answer.error);
		this.code = answer.error;
	}
}

export class Link {
	// on(frame) gets every frame; online(is, text) tells of the line.
	constructor(url, on, online) {
		this.url = url;
		this.on = on;
		this.online = online;
		this.socket = null;
		this.token = null;
		this.lastSeq = 0;
		this.run = freshKey();
		this.next = 0;
		this.waiting = new Map(); // id -> { text, done, failed, keep }
		this.closed = false;
		this.tries = 0;
	}

	// Resolves with the result of the first login.
	async signIn(name, password) {
		await this.open();
		return this.login({ name, password });
	}

	async signInAgain(token) {
		this.token = token;
		await this.open();
		return this.login({ token });
	}

	async login(who) {
		const fields = { ...who, protocol: 1 };
		if (this.lastSeq > 0)
			fields.last_seq = this.lastSeq;
		const answer = await this.ask("login", fields, false);
		if (answer.token)
			this.token = answer.token;
		this.tries = 0;
		this.online(true, "");
		this.sendWaiting();
		return answer;
	}

	open() {
		return new Promise((done, failed) => {
			const socket = new WebSocket(this.url);
			this.socket = socket;
			socket.onopen = () => done();
			socket.onmessage = (e) => this.take(JSON.parse(e.data));
			socket.onclose = (e) => {
				failed(new Error("the server cannot be reached"));
				if (this.socket === socket)
					this.lost(e);
			};
		});
	}

	take(frame) {
		if (frame.type === "result") {
			this.settle(frame);
			return;
		}
		this.on(frame);
		if (frame.seq > this.lastSeq)
			this.lastSeq = frame.seq;
	}

	settle(frame) {
		const waiting = this.waiting.get(frame.id);
		if (!waiting)
			return;
		this.waiting.delete(frame.id);
		if (frame.ok)
			waiting.done(frame);
		else
			waiting.failed(new Refused(frame));
	}

	// `keep`: says it again after a lost line. Safe, because a message
	// carries a key and everything else is refused the second time.
	ask(cmd, fields = {}, keep = true) {
		const id = `${this.run}-${++this.next}`;
		const text = JSON.stringify({ id, cmd, ...fields });
		return new Promise((done, failed) => {
			this.waiting.set(id, { text, done, failed, keep });
			if (this.socket && this.socket.readyState === 1)
				this.socket.send(text);
		});
	}

	sendWaiting() {
		for (const { text, keep } of this.waiting.values())
			if (keep)
				this.socket.send(text);
	}

	dropUnkept() {
		for (const [id, one] of this.waiting)
			if (!one.keep) {
				this.waiting.delete(id);
				one.failed(new Error("the line was lost"));
			}
	}

	async lost(event) {
		this.socket = null;
		this.dropUnkept();
		if (this.closed)
			return; // by ourselves
		// 4409: signed in elsewhere; 4403: switched off; 1000: signed out
		if (!this.token || [1000, 4403, 4409].includes(event.code)) {
			this.online(false, event.reason || "");
			this.on({ type: "goodbye", text: event.reason });
			return;
		}
		this.online(false, "Connection lost. Trying again ...");
		const delay = Math.min(1000 * 2 ** this.tries++, RETRY_MAX_MS);
		await wait(delay * (0.5 + Math.random() / 2));
		if (!this.closed && !this.socket)
			this.comeBack();
	}

	async comeBack() {
		try {
			await this.open();
			await this.login({ token: this.token });
		} catch (error) {
			if (error instanceof Refused && error.code === "auth") {
				this.close();
				this.on({ type: "goodbye", text: error.message });
			}
			// else the socket's close has begun another try
		}
	}

	keepAlive() {
		this.timer = setInterval(() => {
			if (this.socket && this.socket.readyState === 1)
				this.ask("ping", {}, false).catch(() => {});
		}, PING_MS);
	}

	close() {
		this.closed = true;
		clearInterval(this.timer);
		if (this.socket)
			this.socket.close(1000);
	}
}
