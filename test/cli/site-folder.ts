// SPDX-License-Identifier: Apache-2.0

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { fromHex } from "../../protocol/bytes.js";
import type { KeyPair } from "../../protocol/crypto.js";
import type { TrustList } from "../../protocol/trust/list.js";
import { readLists } from "../../site/lib/keys.js";
import { listsText, type SiteLists } from "../../site/lib/keys-text.js";
import type { NewSite } from "../../site/lib/new-site.js";
import type { TrustModel } from "../../site/lib/trust/model.js";
import { signNext } from "../../site/lib/trust/sign.js";
import { makeSite, PASSPHRASE } from "../support/site-files.js";
import { type Ended, Lintel } from "./lintel.js";
import { leaks } from "./secrets.js";

/** Another passphrase. */
export const NEW = "battery staple, new";
export const ROOT = "--root-key @root-key.json --site @site.json";
/** A reader's id. */
export const READER = "00112233445566aa";
export const DAY = 86_400;
export const crypto = new NodeCrypto();
export const now = Math.floor(Date.now() / 1000);
export const typed = { input: PASSPHRASE };

export function pair(byte: number): KeyPair {
	return crypto.ed25519KeyPair(new Uint8Array(32).fill(byte));
}

/** What a person at the terminal types when the question has been asked. */
export type Answer = readonly [
	question: RegExp | ((shown: string) => boolean),
	typed: string | (() => string),
];

/** Without `answers` standard input is no terminal and has `input`. */
interface Given {
	readonly input?: string;
	readonly answers?: readonly Answer[];
}

/** A folder in which `lintel site` works. All that the commands say goes to `said`, where no secret may be. */
class SiteFolder {
	folder = "";
	said = "";

	begin(): void {
		this.folder = mkdtempSync(join(tmpdir(), "lintel-site-"));
		this.said = "";
	}

	end(): void {
		assert.deepEqual(leaks(this.said, { passphrase: Buffer.from(PASSPHRASE), new: Buffer.from(NEW) }), []);
		rmSync(this.folder, { recursive: true });
	}

	at = (name: string): string => join(this.folder, name);

	/** Words with `@` in front are files of the folder. */
	lintel = async (words: string, { answers, input }: Given = {}): Promise<Ended> => {
		const args = words.split(" ").map((word) => (word.startsWith("@") ? this.at(word.slice(1)) : word));
		const left = [...(answers ?? [])];
		let from = 0;
		const answer = (): void => {
			const shown = stripVTControlCharacters(command.shown);
			if (left[0] === undefined) return;
			const [question, text] = left[0];
			const asked = shown.slice(from);
			if (!(question instanceof RegExp ? question.test(asked) : question(asked))) return;
			from = shown.length;
			left.shift();
			command.keys.write(typeof text === "string" ? text : text());
		};
		const terminal = answers === undefined ? {} : { columns: 80, said: answer };
		const command: Lintel = new Lintel(["site", ...args], { input, ...terminal });
		const ended = await command.ended;
		this.said += ended.out + ended.err;
		assert.lengthOf(left, 0, `not asked: ${left[0]?.[0]}\n${ended.err}`);
		return ended;
	};

	done = async (words: string, given?: Given): Promise<Record<string, unknown>> => {
		const { code, err, out } = await this.lintel(`${words} --json`, given);
		assert.equal(code, 0, `${words}\n${out}${err}`);
		return JSON.parse(out);
	};

	/** The reason; files stay as they are. */
	refused = async (words: string, given?: Given): Promise<string> => {
		const before = this.contents();
		const { code, out } = await this.lintel(`${words} --json`, given);
		const { error } = JSON.parse(out);
		assert.equal(code, error.exit);
		assert.deepEqual(this.contents(), before, words);
		return error.reason;
	};

	contents = (): Record<string, string> => {
		const names = readdirSync(this.folder).filter((name) => statSync(this.at(name)).isFile());
		return Object.fromEntries(names.map((name) => [name, readFileSync(this.at(name), "latin1")]));
	};

	lists = (name = "site.json"): SiteLists => readLists(this.at(name), crypto);

	seedOf = (file: string): Uint8Array =>
		fromHex(JSON.parse(readFileSync(this.at(file), "utf8")).keys[0].seed);
}

/** In a suite: a new folder before each spec. */
export function siteFolder(): SiteFolder {
	const folder = new SiteFolder();
	beforeEach(() => folder.begin());
	afterEach(() => folder.end());
	return folder;
}

/** In a suite: a site's files there before each spec, with a file for each passphrase. */
export function madeSite(folder: SiteFolder) {
	let made: NewSite;
	beforeEach(() => {
		made = makeSite(folder.folder);
		writeFileSync(folder.at("passphrase"), PASSPHRASE);
		writeFileSync(folder.at("new-passphrase"), NEW);
	});
	afterEach(() => {
		const seeds = { root: made.root.secretKey.subarray(0, 32), office: made.seeds[0]! };
		assert.deepEqual(leaks(folder.said, seeds), []);
	});
	return {
		site: (): NewSite => made,
		/** Another list of the site, as another computer would sign it. */
		put: (change: (trust: TrustList) => TrustModel): void => {
			const { lists, trust } = folder.lists();
			const next = signNext({ lists, trust }, change(trust), [made.root], crypto);
			writeFileSync(folder.at("site.json"), listsText("ACME", next.lists));
		},
	};
}
