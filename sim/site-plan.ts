// SPDX-License-Identifier: Apache-2.0

import type { Crypto } from "../protocol/crypto.js";
import { FLAG, NO_END } from "../protocol/plan/format.js";
import { compileImage } from "../site/lib/plan/compile.js";
import type { PlanDocument } from "../site/lib/plan/document.js";
import {
	ALWAYS_OPEN,
	encodeTables,
	type PlanImage,
	packRecords,
	type RecordModel,
	type Signing,
	signDelta,
	signSnapshot,
	type TablesModel,
	tombstone,
} from "../site/lib/plan/encode.js";
import type { SealedState } from "../src/config/sealed-state.js";
import { PlanStore } from "../src/plan/store.js";
import { DOOR } from "./commission.js";
import type { SimFlash } from "./flash.js";
import type { People, PhoneKind } from "./people.js";
import type { SimSite } from "./site.js";

export interface SitePlanOptions {
	readonly crypto: Crypto;
	readonly site: SimSite;
	readonly people: People;
	readonly flash: SimFlash;
	/** Made anew for each time, as the reader changes it meanwhile. */
	readonly sealed: () => SealedState;
	/** What the plan gives the valid phone besides an open door. */
	readonly rights?: {
		readonly override?: boolean;
		readonly firstPerson?: boolean;
		readonly extended?: boolean;
	};
	/** The plan as an administrator has it, in place of the one of `rights` and `tables`. */
	readonly document?: (site: string, people: People) => PlanDocument;
	/** What the plan's tables have besides `ALWAYS_OPEN`. */
	readonly tables?: Partial<TablesModel>;
}

/** The simulated site's plan for its one door. */
export class SitePlan {
	readonly #options: SitePlanOptions;
	readonly #signing: Signing;
	#image: PlanImage;

	constructor(options: SitePlanOptions) {
		const { crypto, document, people, site, tables } = options;
		this.#options = options;
		this.#signing = { crypto, ...site.keys.signing };
		const first = {
			...{ site: site.id, door: DOOR, version: 1, issued: site.epoch - 3600 },
			expires: site.epoch + 7 * 86_400,
		};
		this.#image = document
			? compileImage(unrevoked(document(site.id, people)), first)
			: {
					...first,
					tables: encodeTables({ ...ALWAYS_OPEN, ...tables }),
					records: packRecords([this.record("valid"), this.record("revoked"), this.record("expired")]),
				};
	}

	get image(): PlanImage {
		return this.#image;
	}

	/** The plan as it is now, as version `version`. */
	snapshot(version: number): ReturnType<typeof signSnapshot> {
		this.#image = { ...this.#image, version };
		return signSnapshot(this.#image, this.#signing);
	}

	/**
	 * The plan, and then the revocation of whom the site took back: streamed into the flash by the reader's own store,
	 * while the reader is off.
	 */
	install(): void {
		const { crypto, site, flash } = this.#options;
		const sealed = this.#options.sealed();
		const store = new PlanStore({
			flash,
			rollbackCounter: sealed,
			deviceKey: sealed.deviceKey,
			crypto,
			trust: site.trust,
			door: DOOR,
			knownTime: () => site.epoch,
		});
		store.open();
		this.#stream(store);
		const next = this.#second();
		const applied = store.applyDelta(signDelta(this.#image, next, this.#signing));
		if (applied !== "applied") throw new Error(`the revocation was refused: ${applied}`);
		this.#image = next;
	}

	/** As the first, but for whom the site took back. */
	#second(): PlanImage {
		const { document, people, site } = this.#options;
		const version = this.#image.version + 1;
		const { door, issued } = this.#image;
		if (document) return compileImage(document(site.id, people), { door, issued, version });
		const kept = [this.record("valid"), this.record("expired")];
		const records = packRecords([...kept, tombstone(people.revoked.id)]);
		return { ...this.#image, version, records };
	}

	#stream(store: PlanStore): void {
		const { envelope, body } = this.snapshot(store.version + 1);
		let result: string | undefined = store.begin(envelope);
		for (let at = 0; result === undefined && at < body.length; at += 1024)
			result = store.write(body.subarray(at, at + 1024));
		while (result === undefined || result === "more") result = store.commit();
		if (result !== "done") throw new Error(`the plan was refused: ${result}`);
	}

	record(kind: PhoneKind): RecordModel {
		const { people, rights = {} } = this.#options;
		const { override, firstPerson, extended } = kind === "valid" ? rights : {};
		const flags =
			(override ? FLAG.override : 0) | (firstPerson ? FLAG.first : 0) | (extended ? FLAG.extended : 0);
		return { id: people[kind].id, access: 0, flags, from: 0, until: NO_END };
	}
}

function unrevoked(document: PlanDocument): PlanDocument {
	const users = document.users.map((user) => ({
		...user,
		credentials: user.credentials.map(({ id }) => ({ id })),
	}));
	return { ...document, users };
}
