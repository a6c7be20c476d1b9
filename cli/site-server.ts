// SPDX-License-Identifier: Apache-2.0

import type { Command } from "commander";
import { Failure } from "../site/lib/files/failure.js";
import {
	type DoorRegistration,
	type Registered,
	type Registration,
	readDoorRegistration,
	readRegistered,
} from "../site/lib/registration.js";
import { printable } from "./output.js";
import { readSecret } from "./prompt.js";

/** Why a key that signed is not good. */
const KEYS: readonly string[] = [
	...["unknown-issuer", "bad-signature", "wrong-role", "key-stolen", "beyond-limits", "key-ended"],
	"wrong-site",
];
/** Answers take this at most, ms. */
const WAIT_MS = 20_000;
/** Characters of an answer at most; a registration has some 400. */
const MAX_ANSWER = 16_384;
const MAX_DETAIL = 300;

export interface ServerOptions {
	/** The server's address. */
	readonly site?: string;
	readonly tokenFile?: string;
	readonly insecure?: boolean;
}

export function serverOptions(command: Command): Command {
	return command
		.option(
			"--token-file <file>",
			"its first line is a token of the server; else LINTEL_TOKEN in the environment",
		)
		.option(
			"--insecure",
			"speak to a server on another machine without HTTPS: who listens there has the token",
		);
}

/** The API of a site's server, as an administrator's token opens it. */
export class SiteServer {
	readonly url: URL;
	readonly #token: string;

	/** Throws `Failure` before anything is asked. */
	static async of({ insecure, site = "", tokenFile }: ServerOptions): Promise<SiteServer> {
		const url = checkedUrl(site, insecure === true);
		return new SiteServer(url, await readToken(tokenFile));
	}

	private constructor(url: URL, token: string) {
		this.url = url;
		this.#token = token;
	}

	registration(door: string): Promise<DoorRegistration> {
		return this.#ask(`api/doors/${encodeURIComponent(door)}/registration`, readDoorRegistration);
	}

	register(registration: Registration): Promise<Registered> {
		return this.#ask("api/doors", readRegistered, registration);
	}

	/** Gives the server a signed configuration for a door's reader. */
	async configure(door: string, envelope: Uint8Array): Promise<void> {
		await this.#ask(
			`api/doors/${encodeURIComponent(door)}/configuration`,
			(value) => (value as { state?: unknown } | undefined)?.state,
			{ envelope: Buffer.from(envelope).toString("base64") },
			"PUT",
		);
	}

	async #ask<T>(
		path: string,
		read: (value: unknown) => T | undefined,
		body?: object,
		method = body === undefined ? "GET" : "POST",
	): Promise<T> {
		const { ok, status, text } = await this.#fetch(method, path, body);
		const value = jsonOf(text);
		const answer = ok ? read(value) : undefined;
		if (answer !== undefined) return answer;
		throw ok ? this.#unlike() : this.#refused(status, value);
	}

	async #fetch(
		method: string,
		path: string,
		body?: object,
	): Promise<{ ok: boolean; status: number; text: string }> {
		try {
			const response = await fetch(new URL(path, this.url), {
				method,
				headers: {
					authorization: `Bearer ${this.#token}`,
					accept: "application/json",
					...(body && { "content-type": "application/json" }),
				},
				...(body && { body: JSON.stringify(body) }),
				// The token is for this server alone.
				redirect: "error",
				signal: AbortSignal.timeout(WAIT_MS),
			});
			return { ok: response.ok, status: response.status, text: await bounded(response) };
		} catch (error) {
			throw new Failure(
				"no-server",
				"no-server",
				`the server at ${this.url.origin} is not reached: ${wordsOf(error)}`,
				"Look at its address, and whether it runs; then give the same command again.",
			);
		}
	}

	#unlike(): Failure {
		return new Failure(
			"no-server",
			"not-a-server",
			`what answers at ${this.url.origin} is no site's server, or of another version`,
			"Give the address that the server says at its start, and a lintel of the server's version.",
		);
	}

	#refused(status: number, value: unknown): Failure {
		const { detail, reason } = (value ?? {}) as { detail?: unknown; reason?: unknown };
		if (typeof reason !== "string" || !/^[a-z-]{1,40}$/.test(reason)) return this.#unlike();
		const why = typeof detail === "string" ? printable(detail.slice(0, MAX_DETAIL)) : `status ${status}`;
		return new Failure("refused", reason, `the server refused: ${why}`, adviceOf(status, reason));
	}
}

function adviceOf(status: number, reason: string): string {
	if (status === 401)
		return "Give a token that the server has made: LINTEL_TOKEN in the environment, or --token-file.";
	if (status === 403) return "It takes a token of an administrator, or of the owner.";
	if (reason === "other-reader")
		return "Where the reader at the cable is to take the other's place: --replace. The server keeps that one's log.";
	if (reason === "revoked" || reason === "other-door")
		return "Make the reader new: `lintel reset`, then `lintel commission` with --site. It draws other keys, and has another id.";
	if (reason === "wrong-door" || reason === "not-found")
		return "Give a file whose `id` is the name of a door that the server knows.";
	if (KEYS.includes(reason))
		return "Sign it by a key that the site's newest trust list has with the role install for this door, before its end; the server may lack that list.";
	if (reason === "not-newer")
		return "Sign the door's file anew; where that is refused too, look at this computer's clock.";
	return "Give the same command again; the server's own log may say more.";
}

/** Throws `Failure` where a token would pass a network in clear, or the address is none. */
export function checkedUrl(text: string, insecure: boolean): URL {
	const failure = (message: string, advice: string): Failure =>
		new Failure("usage", "bad-site", message, advice);
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (url === undefined || (url.protocol !== "https:" && url.protocol !== "http:"))
		throw failure(
			"--site is no address of a server",
			"Give the server's address, as https://doors.example.org; a file of trust lists is not asked for here.",
		);
	if (url.username !== "" || url.password !== "")
		throw failure(
			"--site has a name or a password in it",
			"Give the address alone, and the token by LINTEL_TOKEN or --token-file.",
		);
	if (url.protocol === "http:" && !insecure && !isLoopback(url.hostname))
		throw failure(
			`${url.origin} is on another machine, and the token would go there in clear`,
			"Give the server's https address; --insecure sends it in clear all the same.",
		);
	url.search = "";
	url.hash = "";
	if (!url.pathname.endsWith("/")) url.pathname += "/";
	return url;
}

/** Whether a name or address is this machine's own. */
export function isLoopback(host: string): boolean {
	return host === "localhost" || host === "[::1]" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** From a file or the environment, never the command line. It is in no message. */
async function readToken(file: string | undefined): Promise<string> {
	const token =
		file === undefined ? (process.env.LINTEL_TOKEN ?? "") : await readSecret(file, "server token");
	if (/^[!-~]{1,200}$/.test(token)) return token;
	throw new Failure(
		token === "" ? "usage" : "input",
		token === "" ? "no-token" : "bad-token",
		token === "" ? "a token of the server is needed" : "that is no token",
		"Give LINTEL_TOKEN in the environment, or --token-file with it on its first line; the server prints one at its first start.",
	);
}

async function bounded(response: Response): Promise<string> {
	const decoder = new TextDecoder();
	let text = "";
	for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
		text += decoder.decode(chunk, { stream: true });
		if (text.length > MAX_ANSWER) throw new Error("its answer is too long");
	}
	return text;
}

function jsonOf(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}

/** `fetch` says what failed in the cause of its error. */
function wordsOf(error: unknown): string {
	if (!(error instanceof Error)) return String(error);
	if (error.name === "TimeoutError") return `no answer in ${WAIT_MS / 1000} s`;
	const { cause } = error;
	const inner = cause instanceof AggregateError ? cause.errors[0] : cause;
	return inner instanceof Error && inner.message !== "" ? inner.message : error.message;
}
