// SPDX-License-Identifier: Apache-2.0

import { equal, toHex } from "../../protocol/bytes.js";
import { checkConfig } from "../../protocol/config/document.js";
import type { KeyPair } from "../../protocol/crypto.js";
import { EVENTS } from "../../protocol/events.js";
import { KEPT } from "../../protocol/log/kept.js";
import { BODY_SIZE, KIND_AT } from "../../protocol/log/record.js";
import { verifyLog } from "../../protocol/log/verify.js";
import { NO_END } from "../../protocol/plan/format.js";
import { DOOR } from "../../sim/commission.js";
import { SimStateCell } from "../../sim/flash.js";
import { type PracticeKeys, practiceKeys, withNextList } from "../../sim/practice-keys.js";
import { SeededRandom } from "../../sim/random.js";
import { SimSelf } from "../../sim/self.js";
import { EPOCH } from "../../sim/site.js";
import { World } from "../../sim/world.js";
import { traceOf } from "../../site/lib/files/failure.js";
import { signRevocation } from "../../site/lib/notice/sign.js";
import {
	ALWAYS_OPEN,
	encodeBody,
	encodeTables,
	type PlanImage,
	packRecords,
	signDelta,
	signSnapshot,
	tombstone,
} from "../../site/lib/plan/encode.js";
import { signingKey } from "../../site/lib/site-keys.js";
import { type KeyModel, modelOf } from "../../site/lib/trust/model.js";
import type { Device } from "../../src/app/device.js";
import { SealedState } from "../../src/config/sealed-state.js";
import { ConfigStore } from "../../src/config/store.js";
import { installPlan } from "../install-plan.js";
import { forge, type Image, type Loot, PARTITIONS } from "./forgeries.js";
import { RememberingCrypto } from "./remembering-crypto.js";

/**
 * A stranger writes: any bytes of any partition but the device key, between power-off and power-on, on a whole reader with a
 * history. No case may unlock the door, nor let anyone in whom the site's newest word does not; and the check of the log
 * names what was changed in it, or says that it cannot be known.
 */

const crypto = new RememberingCrypto();
/** Whose key for plans was stolen. */
const THIEF = crypto.ed25519KeyPair(new Uint8Array(32).fill(67));
const LOG_SIZE = 3 * 4096;
/** More than fit: the ring has gone round. */
const DECISIONS = 390;

const id = (n: number): Uint8Array => new SeededRandom(7000 + n).bytes(8);
/** Each with its ms: housekeeping has looked at the schedule by the end of the first. */
const STARTS = [
	["first start", 1100],
	["second start", 50],
] as const;

/** A key that may sign no more plans, and has come into a stranger's hands. */
const ENDED = crypto.ed25519KeyPair(new Uint8Array(32).fill(68));
/** Whom every plan lists. */
const HOLDER = 1;
/** Whom the second plan revoked, and whom a revocation ahead of its base did. */
const REVOKED = 2;
const REVOKED_AHEAD = 3;
/** Whom two notices revoked, which no plan includes. */
const REVOKED_BY_NOTICE = [5, 6];
/** Whom no plan of this door lists. */
const STRANGER = 4;

function image(version: number, revoked: readonly number[], more: readonly number[] = []): PlanImage {
	const numbers = [
		HOLDER,
		REVOKED,
		REVOKED_AHEAD,
		...REVOKED_BY_NOTICE,
		...Array.from({ length: 140 }, (_, n) => n + 100),
		...more,
	];
	const records = numbers.map((n) =>
		revoked.includes(n) ? tombstone(id(n)) : { id: id(n), access: 0, flags: 0, from: 0, until: NO_END },
	);
	return {
		site: "ACME0001",
		door: DOOR,
		version,
		issued: EPOCH - 3600,
		expires: 0,
		tables: encodeTables(ALWAYS_OPEN),
		records: packRecords(records),
	};
}

/** What the firmware says in an undisturbed life, and the flash at its moments. */
export class StrangersReader {
	readonly world: World;
	readonly moments: Image[] = [];
	readonly loot: Loot;
	/** The log's true records, by serial. */
	readonly #true = new Map<number, string>();
	readonly #lockdown: boolean;
	/** The site with its newest list: that says that a key of the first one was stolen. */
	readonly #site: PracticeKeys;
	readonly #readerKey: Uint8Array;

	/** `lockdown`: how its history ends. */
	constructor(lockdown: boolean) {
		this.#lockdown = lockdown;
		const thief: KeyModel = { publicKey: THIEF.publicKey, roles: ["plan"] };
		const ended: KeyModel = { publicKey: ENDED.publicKey, roles: ["plan"], state: "ended" };
		this.world = new World({ crypto, logSize: LOG_SIZE, schemes: () => [], keys: [thief, ended] });
		const { keys } = this.world.site;
		const [first] = modelOf(keys.trust).keys;
		this.#site = withNextList(keys, { keys: [first!, { ...thief, state: "stolen" }, ended] });
		const signing = { crypto, ...keys.signing };
		const plans = [
			image(1, []),
			image(2, [REVOKED]),
			image(3, [REVOKED]),
			image(4, [REVOKED, REVOKED_AHEAD]),
		];
		const snapshots = plans.map((plan) => signSnapshot(plan, signing));
		const delta = signDelta(plans[0]!, plans[1]!, signing);
		const ahead = signDelta(plans[2]!, plans[3]!, signing);
		this.#life((device) => installPlan(device.door!.access.plan, snapshots[0]!));
		this.#life((device) => void device.door!.access.door.command("unlock"));
		this.#life((device) => void device.door!.access.door.command("normal"));
		this.#life((device) => this.#decide(device, DECISIONS));
		this.#life((device) => expect(device.door!.access.plan.applyDelta(delta), "applied"));
		this.#life((device) => expect(device.door!.access.plan.applyDelta(ahead), "revoked-ahead"));
		const notices = REVOKED_BY_NOTICE.map((n, i) =>
			signRevocation({ site: "ACME0001", sequence: i + 1, issued: EPOCH }, [id(n)], signing),
		);
		for (const notice of notices)
			this.#life((device) => expect(typeof device.door!.access.plan.takeNotice(notice), "object"));
		// An installer's mistake, which unlocked the door while it lasted, and its mending.
		this.#life((device) => void device.store!.setConfig(wired("normally-closed")));
		this.#life((device) => void device.store!.setConfig(wired("normally-open")));
		this.#life((device) => this.#takeList(device));
		this.#life((device) => void device.door!.access.door.command("lockdown"));
		if (!lockdown) this.#life((device) => void device.door!.access.door.command("release"));
		this.#readerKey = this.world.self.open(crypto, new SeededRandom(1)).keys![0]!.secretKey;
		this.loot = this.#loot([...snapshots.map(({ envelope }) => envelope), delta, ahead], plans);
		verifyLog(this.world.flash.log, crypto, {}, (record, serial) => this.#true.set(serial, toHex(record)));
	}

	/** One case: what was not as it has to be, or `undefined`. */
	play(seed: number): string | undefined {
		const random = new SeededRandom(seed);
		const forged = copyOf(this.moments.at(-1)!);
		forge(forged, this.loot, random);
		this.#put(forged);
		this.world.board.chip.trace.clear();
		try {
			const forgeries = this.#checkLog("written");
			// What a start writes may not make the next one believe more.
			for (const [start, ms] of STARTS) {
				this.world.powerOn();
				this.#checkDoor(start, ms);
				// Now and then past the signatures of what the stranger wrote, and of the copies of it.
				if (seed % 16 < 2) this.#decide(this.world.device!, 150);
				this.world.powerOff();
			}
			this.#checkLog("started", forgeries);
			return undefined;
		} catch (error) {
			this.world.powerOff();
			return traceOf(error);
		}
	}

	#life(act: (device: Device) => void): void {
		this.world.powerOn();
		act(this.world.device!);
		this.world.time.run(1500);
		this.world.powerOff();
		const { plan, log, config, notices } = this.world.flash;
		this.moments.push({
			plan: plan.snapshot(),
			log: log.snapshot(),
			config: config.snapshot(),
			notices: notices.snapshot(),
			state: this.world.self.state.value?.slice(),
		});
	}

	#put(image: Image): void {
		for (const partition of PARTITIONS) this.world.flash[partition].restore(image[partition]);
		this.world.self.state.value = image.state?.slice();
	}

	#takeList({ door, store }: Device): void {
		store!.lists.add(this.#site.lists.at(-1)!, 0);
		expect(store!.lists.take(false, door!.access.plan) ?? "taken", "taken");
		expect(String(store!.trust.version), "2");
	}

	#decide(device: Device, count: number): void {
		const { log } = device.door!.access;
		for (let n = 0; n < count; n++) {
			log.append(EVENTS.decision, 40, 1, id(100 + n));
			log.maintain();
		}
	}

	#checkDoor(label: string, ms: number): void {
		const { relay } = this.world.door;
		const { access } = this.world.device!.door!;
		const before = relay.operations;
		this.world.time.run(ms);
		if (relay.operations !== before || relay.on) throw new Error(`${label}: the relay moved by itself`);
		const { membership } = this.world.device!.store!;
		if (membership !== undefined && !equal(membership.trust.payload, this.#site.trust.payload))
			throw new Error(`${label}: list ${membership.trust.version} of ${membership.trust.site} is trusted`);
		for (const n of [REVOKED, REVOKED_AHEAD, ...REVOKED_BY_NOTICE, STRANGER]) {
			const { granted } = access.decide("nfc", { scheme: "test", id: id(n), acted: true });
			if (granted || relay.on) throw new Error(`${label}: opened for ${n}`);
		}
		const { granted } = access.decide("nfc", { scheme: "test", id: id(HOLDER), acted: true });
		if (this.#lockdown && granted) throw new Error(`${label}: opened in lockdown`);
	}

	/**
	 * Each record that is not what the reader wrote lies where the check says that nothing vouches for it, or the check says
	 * that the log is not intact. With the site's cursor nothing but the oldest records may be another. `among`: those that
	 * are not the reader's own, whose copies are not either; all where it is not given. The ones that were found.
	 */
	#checkLog(label: string, among?: ReadonlySet<string>): ReadonlySet<string> {
		const { publicKey } = crypto.ed25519KeyPair(this.#readerKey.subarray(0, 32));
		const last = Math.max(...this.#true.keys());
		const wrong: number[] = [];
		const forgeries = new Set<string>();
		const report = verifyLog(this.world.flash.log, crypto, { publicKey }, (record, serial) => {
			const bytes = toHex(record);
			const what = eventOf(record);
			const copied = (record[KIND_AT]! & KEPT) !== 0 && among?.has(what);
			if (this.#true.get(serial) === bytes || (among?.has(bytes) === false && !copied)) return;
			wrong.push(serial);
			forgeries.add(bytes).add(what);
		});
		if (!report.intact) return forgeries;
		const unvouched = [...report.unsignedAtRestart, ...report.copies, ...report.earlier];
		unvouched.push({ from: report.last - report.sinceCheckpoint + 1, to: report.last });
		for (const serial of wrong)
			if (!unvouched.some(({ from, to }) => serial >= from && serial <= to))
				throw new Error(`${label}: record ${serial} was changed, and the check takes it for vouched`);
		if (among !== undefined) return forgeries;
		const link = Buffer.from(this.#true.get(last)!.slice(48), "hex");
		const known = verifyLog(this.world.flash.log, crypto, { publicKey, site: { serial: last, link } });
		const { earlier } = known;
		const seen = wrong.filter((serial) => serial <= last && !earlier.some(({ to }) => serial <= to));
		if (known.intact && seen.length > 0) throw new Error(`changed ${seen[0]} though the site knows the log`);
		return forgeries;
	}

	#loot(envelopes: readonly Uint8Array[], plans: readonly PlanImage[]): Loot {
		const own = crypto.ed25519KeyPair(new Uint8Array(32).fill(66));
		const signing = { crypto, ...practiceKeys("ACME0001", own, crypto).signing };
		const wanted = image(9, [], [STRANGER]);
		const unlocked = {
			...wanted,
			tables: encodeTables({ ...ALWAYS_OPEN, defaultMode: "unlocked" as const }),
		};
		// As the stolen key signs, which the list before the newest let do so.
		const stolen = { crypto, epoch: 1, ...signingKey(THIEF, crypto) };
		const otherDoor = { ...wanted, door: "BACK" };
		const bySite = { crypto, ...this.world.site.keys.signing };
		// As the site's key would sign once the list of this reader is an older one.
		const later = { ...bySite, epoch: bySite.epoch + 1 };
		const byEnded = { ...bySite, ...signingKey(ENDED, crypto) };
		return {
			crypto,
			moments: this.moments,
			envelopes: [
				...envelopes,
				signSnapshot(wanted, signing).envelope,
				signSnapshot(wanted, later).envelope,
				signSnapshot(wanted, stolen).envelope,
				signDelta(plans[1]!, image(5, [], [STRANGER]), stolen),
				signDelta(plans[1]!, image(5, [], [STRANGER]), later),
				signDelta(plans[1]!, image(5, [], [STRANGER]), signing),
				signSnapshot(wanted, byEnded).envelope,
				signDelta(plans[1]!, image(5, [], [STRANGER]), byEnded),
				signSnapshot(otherDoor, bySite).envelope,
				signDelta({ ...plans[1]!, door: "BACK" }, { ...image(5, [], [STRANGER]), door: "BACK" }, bySite),
			],
			bodies: [...plans, wanted, unlocked].map((plan) => encodeBody(plan, crypto)),
			records: [this.#strangersRecord(own)],
			readerKey: this.#readerKey,
		};
	}

	/** A configuration with a site of the stranger's, sealed by another device. */
	#strangersRecord(own: KeyPair): Uint8Array {
		const self = new SimSelf();
		const sealed = new SealedState(new SimStateCell(), crypto, new Uint8Array(32).fill(1));
		const store = new ConfigStore(self.flash, sealed, crypto, new SeededRandom(3));
		store.open();
		store.makeKeys();
		const { membership } = this.world.self.open(crypto, new SeededRandom(1));
		const { trust } = practiceKeys("ACME0001", own, crypto);
		store.join({ ...membership!, trust }, wired("normally-closed"));
		// As many changes as the reader has had, so that its number fits.
		for (let n = 0; store.revision < this.world.self.sealed(crypto).revision; n++)
			store.setConfig(wired(n % 2 === 0 ? "normally-open" : "normally-closed"));
		return self.flash.bytes.slice(0, self.flash.size / 2);
	}
}

function wired(requestToExit: "normally-open" | "normally-closed") {
	const checked = checkConfig({ id: DOOR, door: { requestToExit } });
	if ("problems" in checked) throw new Error("the configuration is not valid");
	return checked.config;
}

/** What a record and its copies have in common. */
function eventOf(record: Uint8Array): string {
	const body = record.slice(0, BODY_SIZE);
	body[KIND_AT]! &= ~KEPT;
	return toHex(body.subarray(4));
}

function expect(is: string, wanted: string): void {
	if (is !== wanted) throw new Error(`${is} in place of ${wanted}`);
}

function copyOf({ plan, log, config, notices, state }: Image): Image {
	const rest = { notices: notices.slice(), state: state?.slice() };
	return { plan: plan.slice(), log: log.slice(), config: config.slice(), ...rest };
}

/** Cases by their seeds, half of them on a reader in lockdown; a finding is the case's number and what was wrong. */
export function strangersWrite(
	count: number,
	seed: number,
	found: (id: string, message: string) => void,
): void {
	const readers = [new StrangersReader(false), new StrangersReader(true)];
	for (let n = 0; n < count; n++) {
		const one = seed * 1_000_000 + n;
		const message = readers[n % 2]!.play(one);
		if (message !== undefined) found(`stranger/${one}`, message);
	}
}

/** The case of `stranger/NUMBER` again, by itself. */
export function replayStranger(one: number): string | undefined {
	return new StrangersReader(one % 2 === 1).play(one);
}
