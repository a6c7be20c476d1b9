// SPDX-License-Identifier: Apache-2.0

/** A site of its own for a fleet: its keys, its server's process as administrators start it, and the API. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { toHex } from "../../protocol/bytes.js";
import { MAX_SYNC_LIFE } from "../../protocol/trust/list.js";
import { writeKeys } from "../../site/lib/keys.js";
import { newSeed, newSite } from "../../site/lib/new-site.js";
import { withKey } from "../../site/lib/trust/next.js";
import { signNext } from "../../site/lib/trust/sign.js";

const LINTEL = fileURLToPath(new URL("../../../bin/lintel.js", import.meta.url));
const DAY = 86_400;

export interface SiteProcessOptions {
	/** `mqtt://` of a broker that others run; absent: the server's own. */
	readonly mqtt?: string;
	/** Of the own one. */
	readonly brokerPort?: number;
}

/** What Prometheus reads. */
export type Scrape = ReadonlyMap<string, number>;

export class SiteProcess {
	/** The site's name. */
	readonly site = "FLEET";
	/** Payload of the newest trust list, and the seed of the office's key; in hexadecimal. */
	readonly list: string;
	readonly office: string;
	readonly folder = mkdtempSync(join(tmpdir(), "lintel-fleet-"));
	/** Rejects where the server ends by itself. */
	readonly ended: Promise<never>;
	#process: ChildProcess | undefined;
	#fail: (error: Error) => void = () => undefined;
	#url = "";
	#token = "";

	constructor() {
		this.ended = new Promise((_, reject) => {
			this.#fail = reject;
		});
		// Whoever waits for it hears of it.
		this.ended.catch(() => undefined);
		const crypto = new NodeCrypto();
		const now = Math.floor(Date.now() / 1000);
		const made = newSite(this.site, { now, installUntil: now + DAY }, crypto);
		const seed = newSeed();
		const { publicKey } = crypto.ed25519KeyPair(seed);
		const key = { publicKey, roles: ["plan" as const, "sync" as const], until: now + MAX_SYNC_LIFE - 1 };
		const { lists, trust } = signNext(made, withKey(made.trust, key, now), [made.root], crypto);
		writeKeys(this.#key, [seed], { lists, trust });
		this.list = toHex(trust.payload);
		this.office = toHex(made.seeds[0]!);
	}

	get data(): string {
		return join(this.folder, "data");
	}

	/** Where the server is found, and the owner's token, once it has started. */
	get access(): { readonly url: string; readonly token: string } {
		return { url: this.#url, token: this.#token };
	}

	get #key(): string {
		return join(this.folder, "server-key.json");
	}

	/** Runs `lintel site serve`, until it says where it is found. */
	async start({ brokerPort = 0, mqtt }: SiteProcessOptions): Promise<void> {
		const broker = mqtt === undefined ? ["--broker-port", String(brokerPort)] : ["--mqtt", mqtt];
		const program = spawn(
			process.execPath,
			[
				...[LINTEL, "site", "serve", "--data", this.data, "--site-key", this.#key, "--port", "0", "--json"],
				...broker,
			],
			{ stdio: ["ignore", "pipe", "inherit"] },
		);
		this.#process = program;
		const line = await new Promise<string>((resolve, reject) => {
			program.on("error", reject).on("exit", (code, signal) => {
				const error = new Error(`lintel site serve has ended: ${signal ?? code}`);
				reject(error);
				this.#fail(error);
			});
			createInterface(program.stdout).once("line", resolve);
		});
		const { ownerToken, url } = JSON.parse(line) as { ownerToken?: string; url: string };
		this.#url = url;
		this.#token = ownerToken ?? this.#token;
	}

	/** Mosquitto's password and ACL files for the doors that are registered by now. */
	brokerFiles(out: string): void {
		execFileSync(process.execPath, [LINTEL, "site", "broker-files", "--data", this.data, "--out", out], {
			stdio: ["ignore", "ignore", "inherit"],
		});
	}

	async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
		const response = await fetch(this.#url + path, {
			method,
			headers: {
				authorization: `Bearer ${this.#token}`,
				...(body !== undefined && { "content-type": "application/json" }),
			},
			...(body !== undefined && { body: JSON.stringify(body) }),
		});
		const text = await response.text();
		if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
		return (text === "" ? undefined : JSON.parse(text)) as T;
	}

	async scrape(): Promise<Scrape> {
		const response = await fetch(`${this.#url}/metrics`, {
			headers: { authorization: `Bearer ${this.#token}` },
		});
		const lines = (await response.text()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
		return new Map(
			lines.map((line) => {
				const at = line.lastIndexOf(" ");
				return [line.slice(0, at), Number(line.slice(at + 1))];
			}),
		);
	}

	/** Ends the server well; it can be started again. */
	async stop(): Promise<void> {
		const program = this.#process;
		if (program === undefined || program.exitCode !== null) return;
		const ended = new Promise((resolve) => program.removeAllListeners("exit").once("exit", resolve));
		program.kill("SIGTERM");
		await ended;
	}

	async close(): Promise<void> {
		await this.stop();
		rmSync(this.folder, { recursive: true, force: true });
	}
}
