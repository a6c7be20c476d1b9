// SPDX-License-Identifier: Apache-2.0

import { once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

/** A mail as it came. */
export interface ReceivedMail {
	readonly from: string;
	readonly to: readonly string[];
	/** Head and body as they came over the line. */
	readonly raw: string;
	readonly subject: string;
	readonly text: string;
	readonly html: string;
}

/** A mail server that keeps what it takes, and refuses what it is told to. */
export class MailServer {
	readonly mails: ReceivedMail[] = [];
	/** Refuses a recipient with this answer. */
	refuseTo: ((address: string) => { code: number; words: string } | undefined) | undefined;
	/** Refuses the mail's content with this answer. */
	refuseData: { code: number; words: string } | undefined;
	readonly #server: SMTPServer;
	readonly #waiting = new Set<() => void>();

	private constructor(options: SMTPServerOptions) {
		this.#server = new SMTPServer({
			...{ authOptional: true, disabledCommands: ["STARTTLS"], logger: false, ...options },
			onRcptTo: ({ address }, _, done) => done(failure(this.refuseTo?.(address))),
			onData: (stream, { envelope }, done) => {
				const parts: Buffer[] = [];
				stream.on("data", (part: Buffer) => parts.push(part));
				stream.on("end", () => {
					const refused = failure(this.refuseData);
					if (refused === undefined) {
						const from = envelope.mailFrom === false ? "" : envelope.mailFrom.address;
						this.mails.push(
							read(
								Buffer.concat(parts).toString("utf8"),
								from,
								envelope.rcptTo.map(({ address }) => address),
							),
						);
						for (const wake of this.#waiting) wake();
					}
					done(refused);
				});
			},
		});
		this.#server.on("error", () => undefined);
	}

	static async start(options: SMTPServerOptions = {}, port = 0): Promise<MailServer> {
		const made = new MailServer(options);
		const server: Server = made.#server.listen(port, "127.0.0.1");
		await once(server, "listening");
		return made;
	}

	get port(): number {
		return (this.#server.server.address() as AddressInfo).port;
	}

	/** The first mail to an address that came or comes. */
	async mailTo(address: string, after = 0): Promise<ReceivedMail> {
		for (;;) {
			const found = this.mails.slice(after).find(({ to }) => to.includes(address));
			if (found !== undefined) return found;
			await new Promise<void>((resolve) => {
				const wake = (): void => {
					this.#waiting.delete(wake);
					resolve();
				};
				this.#waiting.add(wake);
			});
		}
	}

	close(): Promise<void> {
		return new Promise((resolve) => this.#server.close(resolve));
	}
}

function failure(refused: { code: number; words: string } | undefined): Error | undefined {
	return refused && Object.assign(new Error(refused.words), { responseCode: refused.code });
}

function read(raw: string, from: string, to: string[]): ReceivedMail {
	const { head } = split(raw);
	return {
		...{ from, to, raw, subject: encodedWords(field(head, "subject") ?? "") },
		text: part(raw, "text/plain") ?? "",
		html: part(raw, "text/html") ?? "",
	};
}

/** RFC 5322 2.1; folded fields in one line. */
function split(message: string): { head: string; body: string } {
	const at = message.indexOf("\r\n\r\n");
	return { head: message.slice(0, at).replace(/\r\n[ \t]+/g, " "), body: message.slice(at + 4) };
}

function field(head: string, name: string): string | undefined {
	return new RegExp(`^${name}: *(.*)$`, "im").exec(head)?.[1]?.trim();
}

/** The decoded part of a type, in a message or in its parts (RFC 2045, 2046). */
function part(message: string, type: string): string | undefined {
	const { body, head } = split(message);
	const is = field(head, "content-type") ?? "text/plain";
	const [, boundary] = /boundary="?([^";]+)"?/i.exec(is) ?? [];
	if (boundary !== undefined)
		return body
			.split(`--${boundary}`)
			.slice(1, -1)
			.map((one) => part(one.replace(/^\r\n/, ""), type))
			.find((found) => found !== undefined);
	if (!is.toLowerCase().startsWith(type)) return undefined;
	const encoding = field(head, "content-transfer-encoding")?.toLowerCase();
	if (encoding === "base64") return Buffer.from(body, "base64").toString("utf8");
	return encoding === "quoted-printable" ? quotedPrintable(body) : body;
}

function quotedPrintable(text: string): string {
	const joined = text.replace(/=\r\n/g, "");
	const bytes = joined.replace(/=([0-9A-F]{2})/gi, (_, hex: string) =>
		String.fromCharCode(Number.parseInt(hex, 16)),
	);
	return Buffer.from(bytes, "latin1").toString("utf8").replaceAll("\r\n", "\n");
}

/** RFC 2047. */
function encodedWords(text: string): string {
	return text
		.replace(/\?= +=\?/g, "?==?")
		.replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, how: string, word: string) =>
			how.toLowerCase() === "b"
				? Buffer.from(word, "base64").toString("utf8")
				: quotedPrintable(word.replaceAll("_", " ")),
		);
}
