// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { checkConfig } from "../../../protocol/config/document.js";
import { CONFIGURATION_CHANGES, EVENTS } from "../../../protocol/events.js";
import { listHash } from "../../../protocol/trust/list.js";
import { Power, SimFlash } from "../../../sim/flash.js";
import { type PracticeKeys, practiceKeys, withNextList } from "../../../sim/practice-keys.js";
import { SeededRandom } from "../../../sim/random.js";
import { DEVICE_KEY, SimSelf } from "../../../sim/self.js";
import { type Signing, signDelta, signSnapshot } from "../../../site/lib/plan/encode.js";
import { signingKey } from "../../../site/lib/site-keys.js";
import { type KeyModel, modelOf, type TrustModel } from "../../../site/lib/trust/model.js";
import { emptyEntry } from "../../../src/access/plan-entry.js";
import { ConfigStore } from "../../../src/config/store.js";
import { PlanStore } from "../../../src/plan/store.js";
import { id, image, install, open } from "../../support/plans.js";
import { providers } from "../../support/providers.js";

const crypto = providers[0]!;
const pairOf = (seed: number) => crypto.ed25519KeyPair(new Uint8Array(32).fill(seed));
const FIRST = pairOf(1);
const SECOND = pairOf(2);
const signingOf = (pair: typeof FIRST, epoch = 1): Signing => ({
	crypto,
	epoch,
	...signingKey(pair, crypto),
});
const second: KeyModel = { publicKey: SECOND.publicKey, roles: ["plan"] };
/** Two keys may sign its plans. */
const SITE = practiceKeys("ACME", FIRST, crypto, [second]);
const PLAN_1 = signSnapshot(image(1, [open(1)]), signingOf(FIRST));
/** By the other key, of the next epoch. */
const PLAN_2 = signSnapshot(image(1, [open(2)]), signingOf(SECOND, 2));

/** The next list, in which the first key has `state`. */
function nextOf(
	site: PracticeKeys,
	state: "good" | "ended" | "stolen",
	more: Partial<TrustModel> = {},
): PracticeKeys {
	const [first, ...others] = modelOf(site.trust).keys;
	return withNextList(site, { keys: [{ ...first!, state }, ...others], ...more });
}
const STOLEN = nextOf(SITE, "stolen", { epoch: 2 });

/** A reader, as far as lists and plans go, that starts as often as it is asked. */
class Reader {
	readonly self = new SimSelf(new SimFlash({ size: 16 * 1024, power: new Power() }));
	readonly flash = new SimFlash({ size: 2 * 64 * 1024, power: this.self.flash.power });
	/** Lists that have come into force, by the log. */
	readonly logged: number[] = [];
	store!: ConfigStore;
	plan!: PlanStore;

	/** A door with the site's first list, and the plan `PLAN_1`. */
	constructor() {
		this.start();
		const { store } = this;
		store.makeKeys();
		const checked = checkConfig({ id: "front" });
		if ("problems" in checked) throw new Error("the configuration is not valid");
		const anchor = listHash(SITE.trust, crypto);
		store.join({ trust: SITE.trust, anchor, door: "front", credentials: [Uint8Array.of(1)] }, checked.config);
		this.start();
		assert.equal(install(this.plan, PLAN_1), "done");
	}

	start(): void {
		const sealed = this.self.sealed(crypto);
		const store = new ConfigStore(this.self.flash, sealed, crypto, new SeededRandom(1));
		store.open();
		assert.isFalse(store.damaged);
		store.lists.record = (kind, detail, value) => {
			assert.deepEqual([kind, detail], [EVENTS.configuration, CONFIGURATION_CHANGES.trust]);
			this.logged.push(value);
		};
		this.store = store;
		this.plan = new PlanStore({
			flash: this.flash,
			rollbackCounter: sealed,
			deviceKey: DEVICE_KEY,
			crypto,
			get trust() {
				return store.trust;
			},
			held: store.lists,
			door: "front",
			knownTime: () => undefined,
		});
		this.plan.open();
	}

	/** Gives it the newest list of a site. */
	take(site: PracticeKeys, alone = false): string {
		this.store.lists.add(site.lists.at(-1)!, 0);
		return this.store.lists.take(alone, this.plan) ?? "taken";
	}

	/** The versions of list and plan in force, and which credentials are listed. */
	get state(): string {
		const into = emptyEntry();
		const listed = [1, 2, 3].filter((n) => this.plan.lookup(id(n), into));
		return `list ${this.store.trust.version} plan ${this.plan.epoch}/${this.plan.version} of ${listed.join()}`;
	}
}

describe("a list by which the plan in force is void", () => {
	it("waits for the plan in its place; then both are in force, and logged", () => {
		const it = new Reader();
		assert.equal(it.take(STOLEN), "taken");
		assert.equal(it.state, "list 1 plan 1/1 of 1");
		assert.equal(it.store.lists.newest.version, 2);
		assert.deepEqual(it.logged, []);
		assert.equal(install(it.plan, PLAN_2), "done");
		assert.equal(it.state, "list 2 plan 2/1 of 2");
		assert.deepEqual(it.logged, [2]);
		it.start();
		assert.equal(it.state, "list 2 plan 2/1 of 2");
		assert.isUndefined(it.store.lists.candidate);
		assert.deepEqual(it.logged, [2], "once");
	});

	it("already judges what comes: nothing more by the stolen key, no other epoch, no delta to the old plan", () => {
		const it = new Reader();
		const old = image(1, [open(1)]);
		const delta = (by: typeof FIRST) => signDelta(old, image(2, [open(1), open(3)]), signingOf(by));
		it.take(STOLEN);
		assert.equal(install(it.plan, signSnapshot(image(2, [open(3)]), signingOf(FIRST))), "key-stolen");
		assert.equal(install(it.plan, signSnapshot(image(9, [open(3)]), signingOf(FIRST, 2))), "key-stolen");
		assert.equal(install(it.plan, signSnapshot(image(2, [open(3)]), signingOf(SECOND))), "wrong-epoch");
		assert.equal(it.plan.applyDelta(delta(FIRST)), "wrong-base");
		assert.equal(it.plan.applyDelta(delta(SECOND)), "wrong-base");
		assert.equal(it.plan.minVersion, 1, "of the new epoch");
		assert.equal(it.state, "list 1 plan 1/1 of 1");
	});

	it("refuses a snapshot by a key that it no longer lets sign, begun before it came", () => {
		for (const state of ["stolen", "ended"] as const) {
			const it = new Reader();
			const { envelope, body } = signSnapshot(image(2, [open(3)]), signingOf(FIRST));
			assert.isUndefined(it.plan.begin(envelope));
			assert.isUndefined(it.plan.write(body));
			// Of the same epoch, so that the key alone decides.
			assert.equal(it.take(nextOf(SITE, state)), "taken");
			let result = it.plan.commit();
			while (result === "more") result = it.plan.commit();
			assert.equal(result, `key-${state}`);
			it.start();
			assert.equal(it.plan.version, 1);
		}
	});

	it("is forgotten by a restart, and can be taken again", () => {
		const it = new Reader();
		it.take(STOLEN);
		it.start();
		assert.equal(it.store.lists.newest.version, 1);
		assert.equal(install(it.plan, PLAN_2), "wrong-epoch");
		it.take(STOLEN);
		assert.equal(install(it.plan, PLAN_2), "done");
		assert.equal(it.state, "list 2 plan 2/1 of 2");
	});

	it("alone is in force at once and voids the plan, also when it was waiting; a plan still mends that", () => {
		for (const waited of [false, true]) {
			const it = new Reader();
			if (waited) it.take(STOLEN);
			assert.equal(it.take(STOLEN, true), "taken");
			const none = "list 2 plan 0/0 of ";
			assert.equal(it.state, none);
			assert.equal(it.plan.absence, "plan-damaged");
			assert.equal(it.plan.problem, "untrusted");
			assert.deepEqual(it.logged, [2]);
			it.start();
			assert.equal(it.state, none);
			assert.equal(install(it.plan, PLAN_2), "done");
			it.start();
			assert.equal(it.state, "list 2 plan 2/1 of 2");
		}
	});

	it("is followed by further ones while it waits; the last comes into force", () => {
		const it = new Reader();
		it.take(STOLEN);
		const third = nextOf(STOLEN, "stolen");
		assert.equal(it.take(third), "taken");
		assert.equal(it.store.lists.newest.version, 3);
		assert.equal(install(it.plan, PLAN_2), "done");
		assert.equal(it.state, "list 3 plan 2/1 of 2");
		assert.deepEqual(it.logged, [3]);
	});

	it("is one in which the key has lost its role, or is gone, as well", () => {
		const [first, ...others] = modelOf(SITE.trust).keys;
		for (const keys of [others, [{ ...first!, roles: ["issue"] } as KeyModel, ...others]]) {
			const it = new Reader();
			it.take(withNextList(SITE, { keys, epoch: 2 }));
			assert.equal(it.state, "list 1 plan 1/1 of 1");
			assert.equal(it.store.lists.candidate?.version, 2);
		}
	});

	it("is one by which only a delta of the plan is void, too", () => {
		const it = new Reader();
		const old = image(1, [open(1)]);
		assert.equal(
			it.plan.applyDelta(signDelta(old, image(2, [open(1), open(3)]), signingOf(SECOND))),
			"applied",
		);
		const [first, other] = modelOf(SITE.trust).keys;
		it.take(withNextList(SITE, { keys: [first!, { ...other!, state: "stolen" }] }));
		assert.equal(it.state, "list 1 plan 1/2 of 1,3");
		assert.equal(it.store.lists.candidate?.version, 2);
	});

	it("leaves the merge of the old plan as it is: it comes into force with the new one alone", () => {
		const it = new Reader();
		const old = image(1, [open(1)]);
		assert.equal(
			it.plan.applyDelta(signDelta(old, image(2, [open(1), open(3)]), signingOf(FIRST))),
			"applied",
		);
		it.take(STOLEN);
		assert.isTrue(it.plan.compact());
		while (it.plan.work());
		assert.equal(it.state, "list 1 plan 1/2 of 1,3");
		assert.equal(it.store.lists.candidate?.version, 2);
		it.start();
		assert.equal(it.state, "list 1 plan 1/2 of 1,3");
	});

	it("and whose flash fails before the plan's mark leaves the old list and plan", () => {
		const it = new Reader();
		it.take(STOLEN);
		const { flash } = it.self;
		const write = flash.write.bind(flash);
		flash.write = () => {};
		assert.equal(install(it.plan, PLAN_2), "flash-fault");
		assert.equal(it.state, "list 1 plan 1/1 of 1");
		flash.write = write;
		assert.equal(install(it.plan, PLAN_2), "done", "the list waits still");
		it.start();
		assert.equal(it.state, "list 2 plan 2/1 of 2");
	});
});

describe("a list under which the plan stays", () => {
	it("is in force at once: the key that signed it is good or has ended, its epoch is the same or the next", () => {
		for (const [state, epoch] of [
			["good", 1],
			["good", 2],
			["ended", 1],
			["ended", 2],
		] as const) {
			const it = new Reader();
			assert.equal(it.take(nextOf(SITE, state, { epoch })), "taken");
			assert.equal(it.state, "list 2 plan 1/1 of 1");
			assert.deepEqual(it.logged, [2]);
			it.start();
			assert.equal(it.state, "list 2 plan 1/1 of 1", `${state}, epoch ${epoch}`);
		}
	});
});
