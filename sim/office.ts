// SPDX-License-Identifier: Apache-2.0

import { utf8Encode } from "../protocol/bytes.js";
import { decodeRecord } from "../protocol/log/record.js";
import { inWords } from "../site/lib/log/describe.js";
import { packRecords, tombstone } from "../site/lib/plan/encode.js";
import type { DoorNews } from "../site/lib/sync/books.js";
import { DOOR } from "./commission.js";
import type { PhoneKind } from "./people.js";
import type { World } from "./world.js";

const LOCKDOWN_S = 300;
const OPEN_S = 5;
/** The administrator, in the door's log. */
const ADMINISTRATOR = utf8Encode("office 1");

/** What an administrator does at the simulated site, and what the site says of its door. Each act gives what to say of it. */
export class Office {
	readonly #world: World;
	readonly #said: string[] = [];
	/** Whom the site lists besides those it always did, and whom it has revoked. */
	readonly #added: PhoneKind[] = [];
	readonly #revoked: PhoneKind[] = [];
	#locked = false;
	/** When the last change was made, ms; `undefined`: the door has said that it has it. */
	#changed: number | undefined;

	/** For a world with a server. */
	constructor(world: World) {
		this.#world = world;
		world.server!.onNews = (_door, news) => this.#hear(news);
	}

	/** What the site has to say since this was last asked. */
	news(): string[] {
		return this.#said.splice(0);
	}

	invite(): string {
		const { books } = this.#world.server!;
		if (this.#added.length > 0) return "the site has added the stranger already";
		this.#added.push("stranger");
		this.#changed = this.#world.time.now();
		const { people, plan } = this.#world;
		const known = [plan.record("valid"), tombstone(people.revoked.id), plan.record("expired")];
		books.edit(DOOR, { records: packRecords([...known, plan.record("stranger")]) });
		return `the site adds the stranger: ${this.#newest()}`;
	}

	/** Takes back who was added, then the valid phone: for good. */
	revoke(): string {
		const { people, server } = this.#world;
		const kind = [...this.#added, "valid" as const].find((one) => !this.#revoked.includes(one));
		if (kind === undefined) return "the site has nobody left to revoke";
		this.#revoked.push(kind);
		this.#changed = this.#world.time.now();
		server!.books.revoke([people[kind].id]);
		return `the site revokes ${kind === "valid" ? "the valid phone" : `the ${kind}`}: ${this.#newest()}`;
	}

	lockDown(): string {
		const { books } = this.#world.server!;
		this.#locked = !this.#locked;
		if (this.#locked) books.lock([DOOR], LOCKDOWN_S);
		else books.release();
		return this.#locked ? `the site locks the door down for ${LOCKDOWN_S} s` : "the site ends the lockdown";
	}

	open(): string {
		const command = { what: "open", for: OPEN_S, by: ADMINISTRATOR };
		this.#world.server!.sync.command(DOOR, command, (result) =>
			this.#said.push(`the command to open: ${typeof result === "string" ? result : result.refusal}`),
		);
		return `the site opens the door for ${OPEN_S} s`;
	}

	switchNetwork(): string {
		const { wifi } = this.#world;
		const ssid = "Building";
		const is = wifi.networks.some((network) => network.ssid === ssid);
		if (is) wifi.vanish(ssid);
		else wifi.networks.push({ ssid, rssi: -51, password: "correct horse" });
		return is
			? "the network is gone"
			: "the network is back: the reader looks for it every half minute or so";
	}

	#newest(): string {
		const { books } = this.#world.server!;
		return `plan ${books.image(DOOR)!.version}, ${books.notice} revocation notices`;
	}

	#hear(news: DoorNews): void {
		if (news.kind === "begun") this.#said.push("the site has a session with the door");
		else if (news.kind === "ended") this.#said.push(`the session with the door has ended: ${news.why}`);
		else if (news.kind === "silent") this.#said.push("the door has not answered for a while");
		else if (news.kind === "alarm") this.#said.push(`the site hears: ${inWords(decodeRecord(news.record))}`);
		else if (news.kind === "hello") this.#hello(news.hello.version, news.hello.notice);
	}

	#hello(version: number, notice: number): void {
		const { books } = this.#world.server!;
		const hasAll = version === books.image(DOOR)!.version && notice === books.notice;
		const since = this.#changed;
		if (!hasAll || since === undefined) return;
		this.#changed = undefined;
		this.#said.push(
			`the door has plan ${version} and ${notice} notices, ${this.#world.time.now() - since} ms after the change`,
		);
	}
}
