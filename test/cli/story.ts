// SPDX-License-Identifier: Apache-2.0

/** Who is in the stories of `stories.spec.ts`: people with a computer each, doors with whole simulated readers, phones. */

import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { Holder, type HolderResult } from "../../phone/holder.js";
import { anchorList, type SiteTrust, takeLists } from "../../phone/site-trust.js";
import { fromHex, toHex } from "../../protocol/bytes.js";
import { EDDSA, signer } from "../../protocol/credential/cose.js";
import { issueCredential } from "../../protocol/credential/issue.js";
import type { KeyPair } from "../../protocol/crypto.js";
import { byKcwt } from "../../protocol/edhoc/id-cred.js";
import { KID } from "../../protocol/trust/list.js";
import { SeededRandom } from "../../sim/random.js";
import type { Enrolment } from "../../site/lib/enrolment.js";
import { readLists } from "../../site/lib/keys.js";
import { RESET_HOLD_MS } from "../../src/app/reset-button.js";
import { makeSite, PASSPHRASE } from "../support/site-files.js";
import { type Ended, Lintel } from "./lintel.js";
import { DeviceReader } from "./terminal.js";

const crypto = new NodeCrypto();
const ADA = "8f0c21a95d7e4403";

/** What a command line is told besides its words. */
interface Given {
	/** The reader that is plugged in. */
	readonly at?: Door;
	/** What stands for a word of the line. */
	readonly words?: Readonly<Record<string, string>>;
	/** Standard input: a root's passphrase where nothing else is said. */
	readonly input?: string;
}

/** With a plan for the reader `at`, which the line calls front.plan. */
export function bringing(plan: string, at: Door): Given {
	return { at, words: { "front.plan": plan } };
}

/** What `lintel` answers in place of doing it. */
export interface Refused {
	readonly reason: string;
	/** Message and advice. */
	readonly words: string;
}

/** A story's doors, people and files; all of them end with it. */
export class Story {
	readonly folder = mkdtempSync(join(tmpdir(), "lintel-story-"));
	readonly #home = process.cwd();
	readonly #doors: Door[] = [];

	/** One with a reader from the factory. */
	async door(name: string): Promise<Door> {
		const door = new Door(name);
		this.#doors.push(door);
		await door.reader.plug();
		return door;
	}

	/** A person whose computer has the files that a door's work needs, and nobody's keys. */
	person(name: string): Person {
		return new Person(join(this.folder, name));
	}

	/** The administrator who has made a site: root, keys and lists. */
	administrator(name: string, site = "ACME"): Person {
		const person = this.person(name);
		makeSite(person.folder, site);
		return person;
	}

	end(): void {
		process.chdir(this.#home);
		for (const door of this.#doors) door.reader.unplug();
		rmSync(this.folder, { recursive: true, force: true });
	}
}

/** Somebody with a computer, in whose folder the files are. */
export class Person {
	/** Lines of all commands that were given in stories. */
	static readonly lines = new Set<string>();
	readonly folder: string;
	#files = 0;

	constructor(folder: string) {
		this.folder = folder;
		mkdirSync(folder);
		for (const id of ["FRONT", "BACK", "SIDE"]) this.write(`${id}.json`, { id });
	}

	file(name: string): string {
		return join(this.folder, name);
	}

	write(name: string, value: object): void {
		writeFileSync(this.file(name), JSON.stringify(value));
	}

	/** Copies of the other's files, under their names. */
	gets(from: Person, ...names: string[]): void {
		for (const name of names) copyFileSync(from.file(name), this.file(basename(name)));
	}

	/** Done, or the spec ends here. */
	async does(line: string, given: Given = {}): Promise<Ended> {
		const ended = await this.#run(line, given);
		assert.equal(ended.code, 0, `${line}\n${ended.out}${ended.err}`);
		return ended;
	}

	async told<T = Record<string, unknown>>(line: string, given: Given = {}): Promise<T> {
		const { out } = await this.#run(`${line} --json`, given);
		return JSON.parse(out) as T;
	}

	async cannot(line: string, given: Given = {}): Promise<Refused> {
		const { code, out } = await this.#run(`${line} --json`, given);
		assert.notEqual(code, 0, `${line}\n${out}`);
		const { advice, message, reason } = JSON.parse(out).error;
		return { reason, words: `${message}\n${advice}` };
	}

	async #run(line: string, { at, input = PASSPHRASE, words = {} }: Given): Promise<Ended> {
		Person.lines.add(line.replace(/ --json$/, ""));
		const args = line.split(" ").map((word) => words[word] ?? word);
		process.chdir(this.folder);
		const ended = await new Lintel([...args.slice(1), ...(at ? ["--port", at.reader.path] : [])], { input })
			.ended;
		return ended;
	}

	/** The fingerprint of the key that a key file has in place `n`, as `lintel site show` has it. */
	async fingerprint(file: string, n = 0): Promise<string> {
		const { publicKey } = crypto.ed25519KeyPair(
			fromHex(JSON.parse(readFileSync(this.file(file), "utf8")).keys[n].seed),
		);
		const { keys } = await this.told<{ keys: { publicKey: string; fingerprint: string }[] }>(
			"lintel site show",
		);
		return keys.find((key) => key.publicKey === toHex(publicKey))!.fingerprint;
	}

	/** Revokes keys by their fingerprints as stolen. */
	async voids(...fingerprints: string[]): Promise<void> {
		for (const FINGERPRINT of fingerprints)
			await this.does("lintel site revoke FINGERPRINT --stolen --yes", { words: { FINGERPRINT } });
	}

	/** Signs `plan.json` for a door, by which `phones` open at any time. */
	async plans(
		{ name }: Door,
		version: number,
		phones: readonly Phone[],
		by = "site-key.json",
	): Promise<string> {
		const { site } = readLists(this.file("site.json"), crypto).trust;
		const users = [{ name: "Ada", accessPlans: ["all"], credentials: phones.map(({ id }) => ({ id })) }];
		this.write("plan.json", {
			...{ site, timeZone: "Europe/Vienna", doors: { [name]: {} }, users },
			accessPlans: { all: [{ schedule: "always" }] },
		});
		const words = { DOOR: name, N: String(version), "front.plan": `${name}-${this.#files++}.plan` };
		await this.does(
			`lintel plan compile plan.json --door DOOR --plan-version N --site-key ${by} --out front.plan`,
			{
				words,
			},
		);
		return words["front.plan"];
	}

	/** Gives a phone a credential and an enrolment. */
	async invites(phone: Phone, by = "site-key.json"): Promise<void> {
		const words = { KEY: phone.publicKey, ID: phone.id, "phone.cwt": `${phone.id}-${this.#files++}.cwt` };
		await this.does(`lintel credential issue --public-key KEY --id ID --site-key ${by} --out phone.cwt`, {
			words,
		});
		phone.accepts(await this.told("lintel credential invite phone.cwt --site site.json", { words }));
	}
}

/** A door, whose reader is a whole simulated device on a pseudo-terminal. */
export class Door {
	readonly name: string;
	readonly reader = new DeviceReader();

	constructor(name: string) {
		this.name = name;
	}

	get settings(): string {
		return `${this.name}.json`;
	}

	/** The button inside the housing is held while the power comes. */
	resetByButton(): void {
		const { world } = this.reader;
		world.powerOff();
		world.panel.resetButton.drive(0);
		world.powerOn();
		world.time.run(RESET_HOLD_MS + 500);
		world.panel.resetButton.drive(undefined);
		world.time.run(RESET_HOLD_MS + 1000);
	}

	switchOff(): void {
		this.reader.world.powerOff();
	}

	switchOn(): void {
		const { world } = this.reader;
		world.powerOn();
		world.settle();
	}
}

/** A phone with a key of its own. */
export class Phone {
	readonly id: string;
	readonly #pair: KeyPair;
	#cwt: Uint8Array | undefined;
	#trust: SiteTrust | undefined;

	constructor(id = ADA) {
		this.id = id;
		this.#pair = crypto.ed25519KeyPair(crypto.sha256(fromHex(id)));
	}

	get publicKey(): string {
		return toHex(this.#pair.publicKey);
	}

	/** Version of the newest trust list that it has taken. */
	get list(): number {
		return this.#trust!.list.version;
	}

	/** One as the key of this seed signed them before there were trust lists. */
	credentialOf(seed: string): Uint8Array {
		const { publicKey, secretKey } = crypto.ed25519KeyPair(fromHex(seed));
		return issueCredential(
			{ issuer: "ACME", id: fromHex(this.id), key: { algorithm: EDDSA, publicKey: this.#pair.publicKey } },
			signer(crypto, EDDSA, secretKey),
			{ kid: publicKey.slice(0, KID) },
		);
	}

	accepts({ credential, trust }: Enrolment): void {
		this.#cwt = fromHex(credential);
		this.#trust = anchorList(fromHex(trust), crypto) as SiteTrust;
	}

	/** Takes the site's lists, as its app fetches them. */
	fetches(from: Person): void {
		const taken = takeLists(this.#trust!, readLists(from.file("site.json"), crypto).lists, crypto);
		assert.isObject(taken, String(taken));
		this.#trust = taken as SiteTrust;
	}

	/** Held to the reader over NFC, and the door is shut and locked again after: the decision, or why phone or reader broke off before it. */
	taps({ reader: { world } }: Door): string {
		let result: HolderResult | undefined;
		const holder = new Holder({
			...{ crypto, suite: 4, trust: this.#trust!.list, random: new SeededRandom(world.time.now()) },
			credential: { ...byKcwt(this.#cwt!), ...signer(crypto, EDDSA, this.#pair.secretKey) },
			onResult: (told) => {
				result = told;
			},
		});
		const card = world.phones.of(holder);
		const opened = world.time.runUntil(() => world.board.field.on, 10_000);
		assert.isTrue(opened, "the reader polls");
		world.board.field.present(card);
		world.time.run(1500);
		const { on } = world.door.relay;
		world.board.field.remove(card);
		world.time.run(10_000);
		assert.isDefined(result, "nothing came of the tap");
		if (result.kind === "failed") {
			assert.isFalse(on);
			return `no decision: ${(result.error as Error & { reason?: string }).reason ?? result.error.message}`;
		}
		const { granted, reason } = result.decision!;
		assert.equal(on, granted);
		return reason;
	}
}
