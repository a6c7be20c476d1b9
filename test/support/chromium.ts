// SPDX-License-Identifier: Apache-2.0

/**
 * A headless Chromium for specs, spoken to by the DevTools protocol over a pipe (`--remote-debugging-pipe`): one JSON
 * object a message, each ended by a zero byte. https://chromedevtools.github.io/devtools-protocol/
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

type Params = Readonly<Record<string, unknown>>;

interface Message {
	readonly id?: number;
	readonly method?: string;
	readonly params?: Params;
	readonly result?: Params;
	readonly error?: { readonly message: string };
}

interface Waiting {
	readonly method: string;
	readonly resolve: (result: Params) => void;
	readonly reject: (error: Error) => void;
}

/** The program's name in Debian. */
export const CHROMIUM = "chromium";

const ARGUMENTS = [
	"--headless=new",
	"--remote-debugging-pipe",
	"--no-first-run",
	"--disable-gpu",
	"--disable-dev-shm-usage",
	// CI runs as root, where Chromium's sandbox cannot; the page is our own.
	"--no-sandbox",
];

export class Chromium {
	readonly #profile = mkdtempSync(join(tmpdir(), "lintel-chromium-"));
	readonly #process: ChildProcess;
	/** It and all that it started, which write to its profile, are gone: they share its stderr. */
	readonly #closed: Promise<unknown>;
	readonly #listeners = new Map<string, (params: Params) => void>();
	readonly #waiting = new Map<number, Waiting>();
	#said = "";
	#next = 0;
	#page: string | undefined;
	/** Why nothing can be said to it any more. */
	#ended: Error | undefined;

	private constructor(options: readonly string[]) {
		this.#process = spawn(
			CHROMIUM,
			[...ARGUMENTS, ...options, `--user-data-dir=${this.#profile}`, "about:blank"],
			{
				stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
			},
		);
		this.#closed = new Promise((resolve) => this.#process.on("close", resolve));
		this.#process.stderr!.on("data", (bytes: Buffer) => {
			this.#said = (this.#said + bytes.toString()).slice(-2000);
		});
		let text = "";
		(this.#process.stdio[4] as Readable).setEncoding("utf8").on("data", (part: string) => {
			const messages = (text + part).split("\0");
			text = messages.pop()!;
			for (const message of messages) this.#receive(JSON.parse(message) as Message);
		});
		this.#process.on("exit", (code, signal) =>
			this.#fail(`Chromium ended (${code ?? signal}):\n${this.#said}`),
		);
		this.#process.on("error", (error) => this.#fail(error.message));
		(this.#process.stdio[3] as Writable).on("error", (error) => this.#fail(error.message));
	}

	/** Starts it with one empty page. */
	static async start(...options: string[]): Promise<Chromium> {
		const chromium = new Chromium(options);
		try {
			const { targetInfos } = await chromium.send("Target.getTargets");
			const page = (targetInfos as { type: string; targetId: string }[]).find(({ type }) => type === "page")!;
			const attached = await chromium.send("Target.attachToTarget", {
				targetId: page.targetId,
				flatten: true,
			});
			chromium.#page = attached.sessionId as string;
			return chromium;
		} catch (error) {
			await chromium.close();
			throw error;
		}
	}

	/** A command to the browser. */
	send(method: string, params: Params = {}, sessionId?: string): Promise<Params> {
		const id = ++this.#next;
		return new Promise((resolve, reject) => {
			if (this.#ended) {
				reject(this.#ended);
				return;
			}
			this.#waiting.set(id, { method, resolve, reject });
			(this.#process.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
		});
	}

	/** A command to the page. */
	toPage(method: string, params: Params = {}): Promise<Params> {
		return this.send(method, params, this.#page);
	}

	/** Events of this name, of the browser or the page; one listener each. */
	on(method: string, listener: (params: Params) => void): void {
		this.#listeners.set(method, listener);
	}

	/** The value of an expression in the page; what it throws is thrown here. */
	async evaluate(expression: string): Promise<unknown> {
		const { result, exceptionDetails } = await this.toPage("Runtime.evaluate", {
			expression,
			awaitPromise: true,
			returnByValue: true,
		});
		if (exceptionDetails) throw new Error(`in the page: ${JSON.stringify(exceptionDetails)}`);
		return (result as { value?: unknown }).value;
	}

	/** A mouse's click in the middle of the element that the expression gives: a user's act for the whole browser. */
	async click(element: string): Promise<void> {
		const box = `(({ x, y, width, height }) => ({ x: x + width / 2, y: y + height / 2 }))`;
		const at = (await this.evaluate(`${box}(${element}.getBoundingClientRect())`)) as Params;
		for (const type of ["mousePressed", "mouseReleased"])
			await this.toPage("Input.dispatchMouseEvent", { type, ...at, button: "left", clickCount: 1 });
	}

	async close(): Promise<void> {
		this.#process.kill("SIGKILL");
		if (this.#process.pid !== undefined) await this.#closed;
		rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
	}

	#receive({ id, method, params, result, error }: Message): void {
		if (id === undefined) {
			this.#listeners.get(method!)?.(params!);
			return;
		}
		const waiting = this.#waiting.get(id);
		this.#waiting.delete(id);
		if (error) waiting?.reject(new Error(`${waiting.method}: ${error.message}`));
		else waiting?.resolve(result!);
	}

	#fail(reason: string): void {
		this.#ended ??= new Error(reason);
		for (const { reject } of this.#waiting.values()) reject(this.#ended);
		this.#waiting.clear();
	}
}
