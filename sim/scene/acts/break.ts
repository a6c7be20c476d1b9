// SPDX-License-Identifier: Apache-2.0

/** What goes wrong with a reader and around it. What it does about each is in its log and in the news of the scene. */
import { DS3231 } from "../../../drivers/clock/ds3231.js";
import { type BrokerFaults, HONEST } from "../../broker.js";
import { i2cClass } from "../../bus/i2c.js";
import type { CutKind } from "../../flash.js";
import { timeServer } from "../../network.js";
import { type Bus, PN532I2CBoard, PN532SPIBoard } from "../../pn532/board.js";
import type { NextFault } from "../../pn532/faults.js";
import { SeededRandom } from "../../random.js";
import { UPLINK } from "../../uplink.js";
import { TIME_ADDRESS, type World } from "../../world.js";
import type { Act } from "../act.js";
import { oneOf, whole } from "./parameters.js";
import { FIELD_BUGS } from "./pn532-faults.js";
import { WIRING } from "./wiring.js";

/** From the loss of power to its return, ms. */
const DARK_MS = 2000;
/** From the relay's closing to the sag of a weak supply, µs. */
const SAG = 3000;
/** The latest write from now that a cut can be planned for. */
const MAX_WRITES = 64;
const MAX_PHONES = 8;

const CUTS: readonly CutKind[] = Object.freeze(["torn", "dropped", "partial", "garbage", "done"]);
const LEFT: Readonly<Record<CutKind, string>> = Object.freeze({
	dropped: "before the write has begun",
	torn: "after the first bytes of the write",
	partial: "while some of the write's bits have changed",
	garbage: "and leaves garbage in the place of the write",
	done: "right after the write",
});

const cut: Act = {
	name: "cut",
	group: "break",
	title: "Cut the power in the middle of a write to the flash",
	parameters: [
		whole("write", "Write from now", [1, MAX_WRITES], 1),
		oneOf(
			"leaves",
			"It goes",
			CUTS,
			CUTS.map((cut) => LEFT[cut]),
		),
	],
	perform: ({ tell, world }, { write, leaves }) => {
		const { power, time } = world;
		const seed = time.now() & 0xffff;
		power.plan({
			at: power.operations + Number(write) - 1,
			kind: leaves as CutKind,
			byte: 1 + (seed % 8),
			seed,
		});
		power.onCut = () => {
			world.powerOff();
			tell(`the power is gone ${LEFT[leaves as CutKind]}`);
			// The firmware is gone at the end of this instant: then the memories may be read again.
			time.after(0, () => power.restore());
			time.after(DARK_MS * 1000, () => {
				tell("the power is back");
				world.powerOn();
			});
		};
		return `the power will go at write ${write} to the flash from now`;
	},
};

const supply: Act = {
	name: "supply",
	group: "break",
	title: "Let the supply sag",
	parameters: [
		oneOf(
			"sags",
			"It sags",
			["once", "with-strike", "no-more"],
			["once, now", "each time the strike is released", "no more"],
		),
	],
	perform: ({ world }, { sags }) => {
		WEAK.delete(world);
		if (sags === "no-more") return "the supply is as it should be";
		if (sags === "once") {
			world.restart("brown-out");
			return "the supply sags: the reader's chip starts again";
		}
		weaken(world);
		return "the supply sags from now on whenever the strike is released";
	},
};

const hang: Act = {
	name: "hang",
	group: "break",
	title: "Hang the firmware",
	parameters: [],
	perform: ({ world }) => {
		world.hang();
		return "the firmware hangs: its watchdog has 5 s";
	},
};

const pn532: Act = {
	name: "pn532",
	group: "break",
	title: "Give the PN532 a bug of the field",
	parameters: [
		oneOf(
			"bug",
			"The PN532",
			[...FIELD_BUGS.map(({ name }) => name), "none"],
			[...FIELD_BUGS.map(({ does, source }) => `${does} (${source})`), "works as it should"],
		),
		whole("times", "Times", [1, 100], 3),
	],
	keys: [{ key: "w", title: "the PN532 goes silent", values: { bug: "silentAfter" } }],
	perform: ({ world }, { bug, times }) => {
		const { chip } = world.board;
		const found = FIELD_BUGS.find(({ name }) => name === bug);
		if (found === undefined) {
			chip.faults.clear();
			// What only the loss of its power cures has lost it now.
			if (chip.silent) chip.brownOut();
			return "the PN532 works as it should";
		}
		const { bus, does, kind, name, set, source } = found;
		if (kind === "times") chip.faults[name as NextFault] = Number(times);
		else Object.assign(chip.faults, set);
		const wired = bus?.includes(busOf(world)) === false ? `; no harm on ${busOf(world)}` : "";
		const often = kind === "times" ? `, ${times} times` : "";
		return `the PN532 ${does}${often} (${source})${wired}`;
	},
};

const wifi: Act = {
	name: "wifi",
	group: "break",
	title: "Take the network away",
	parameters: [oneOf("is", "The network is", ["away", "back"])],
	keys: [
		{ key: "n", title: "the network goes" },
		{ key: "m", title: "the network comes back", values: { is: "back" } },
	],
	perform: ({ world }, { is }) => {
		const { ssid, password } = UPLINK.wifi;
		const { networks } = world.wifi;
		world.wifi.vanish(ssid);
		if (is === "away") return "the network is away";
		networks.push({ ssid, rssi: -51, password });
		return "the network is back: the reader looks for it every half minute or so";
	},
};

const LIES: Readonly<Record<Exclude<keyof BrokerFaults, "longest">, string>> = Object.freeze({
	swallow: "acknowledges what it is given and throws it away",
	lose: "loses messages",
	late: "delivers up to 20 s late, and out of order",
	duplicate: "delivers twice",
	replay: "delivers messages of the past again",
	stale: "gives a new subscriber what was retained earlier",
	swap: "gives the data of another topic",
	truncate: "cuts messages short",
	alter: "changes a bit of messages",
	cut: "ends the connection in the middle of messages",
});

const broker: Act = {
	name: "broker",
	group: "break",
	title: "Let the broker lie",
	parameters: [
		oneOf("lie", "The broker", [...Object.keys(LIES), "none"], [...Object.values(LIES), "is honest"]),
		whole("percent", "Of messages", [1, 100], 100, "%"),
	],
	perform: ({ world }, { lie, percent }) => {
		const share = Number(percent) / 100;
		world.broker.faults = lie === "none" ? HONEST : { ...HONEST, longest: 20_000, [String(lie)]: share };
		return lie === "none"
			? "the broker is honest"
			: `the broker ${LIES[lie as keyof typeof LIES]}: ${percent} % of them`;
	},
};

const BACK = Object.freeze({ hour: 3600, day: 86_400, month: 30 * 86_400, year: 365 * 86_400 });

const clock: Act = {
	name: "clock",
	group: "break",
	title: "Set a clock back",
	parameters: [
		oneOf(
			"which",
			"Clock",
			["clock-chip", "time-server"],
			["of the reader's clock chip", "of the time server"],
		),
		oneOf("by", "Back by", Object.keys(BACK)),
	],
	perform: ({ world }, { which, by }) => {
		const seconds = BACK[by as keyof typeof BACK];
		if (which === "time-server") {
			const lie = timeServer(() => world.seconds - seconds);
			world.network.servers.set(`${TIME_ADDRESS}:123`, lie);
			return `the time server is a ${by} behind`;
		}
		const chip = new DS3231({ io: i2cClass(world.clockChip) });
		const { seconds: now, synced } = chip.read() ?? { seconds: world.seconds, synced: 0 };
		chip.set(now - seconds, synced);
		world.restart("power-on");
		return `the clock chip is set back by a ${by} while the reader's power is cut for a moment`;
	},
};

const flashBit: Act = {
	name: "flash-bit",
	group: "break",
	title: "Turn one bit of the flash",
	parameters: [
		oneOf("in", "Flash of", ["plan", "log", "config", "notices"]),
		whole("place", "Place in what is used", [0, 100], 100, "%"),
	],
	perform: ({ world }, { in: memory, place }) => {
		const flash = world.flash[memory as keyof World["flash"]];
		const used = usedIn(flash.bytes);
		if (used.length === 0) return `there is nothing in the flash of the ${memory}`;
		const at = used[Math.floor(((used.length - 1) * Number(place)) / 100)]!;
		const bit = new SeededRandom(at).below(8);
		flash.bytes[at]! ^= 1 << bit;
		const found = memory === "log" ? `; ${audit(world)}` : "";
		return `bit ${bit} of byte ${at} of the ${memory}'s flash turns over${found}`;
	},
};

/** What the site's verifier says of the log as it lies there. */
function audit(world: World): string {
	const { intact, problems, torn } = world.auditor.report();
	if (!intact) return `whoever verifies the log finds ${problems.map(({ reason }) => reason).join(", ")}`;
	return torn > 0 ? "its chain holds, and that place counts as torn by a power cut" : "its chain holds";
}

const flood: Act = {
	name: "flood",
	group: "break",
	title: "Send a crowd of phones that connect without end",
	parameters: [whole("phones", "Phones", [1, MAX_PHONES], 4), whole("seconds", "For", [1, 120], 20, "s")],
	perform: ({ tell, world }, { phones, seconds }) => {
		const until = world.time.now() + Number(seconds) * 1000;
		let ends = 0;
		for (let i = 0; i < Number(phones); i++) crowd(world, until, () => ends++);
		world.time.after(Number(seconds) * 1_000_000, () =>
			tell(`the crowd is gone: the reader has had ${ends} connections of it`),
		);
		return `${phones} strangers' phones connect over Bluetooth, again and again, for ${seconds} s`;
	},
};

const rex: Act = {
	name: "rex",
	group: "break",
	title: "Jam the exit button",
	parameters: [oneOf("is", "The button is", ["stuck", "free"])],
	perform: ({ world }, { is }) => {
		world.door.press(is === "stuck");
		return is === "stuck" ? "request-to-exit is stuck: it stays pressed" : "request-to-exit is free again";
	},
};

const wiring: Act = {
	name: "wiring",
	group: "break",
	title: "Wire something wrongly",
	parameters: [
		oneOf(
			"wire",
			"Wires",
			Object.keys(WIRING),
			Object.values(WIRING).map(({ does }) => does),
		),
	],
	perform: ({ world }, { wire }) => {
		const { does, set } = WIRING[wire as keyof typeof WIRING];
		set(world);
		return does;
	},
};

export const BREAK_ACTS: readonly Act[] = Object.freeze([
	...[cut, supply, hang, pn532, wifi, broker, clock, flashBit, flood, rex, wiring],
]);

/** Worlds whose supply sags with the strike. */
const WEAK = new WeakSet<World>();
/** Worlds whose relay is watched for that. */
const WATCHED = new WeakSet<World>();

function busOf({ board }: World): Bus {
	if (board instanceof PN532SPIBoard) return "spi";
	return board instanceof PN532I2CBoard ? "i2c" : "hsu";
}

function weaken(world: World): void {
	const { door, time } = world;
	WEAK.add(world);
	if (WATCHED.has(world)) return;
	WATCHED.add(world);
	let was = door.relay.on;
	door.relay.watch(() => {
		const { on } = door.relay;
		if (on && !was && WEAK.has(world)) time.after(SAG, () => world.restart("brown-out"));
		was = on;
	});
}

/** Bytes that are not blank. */
function usedIn(bytes: Uint8Array): number[] {
	const used: number[] = [];
	for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0xff) used.push(i);
	return used;
}

/** A stranger's phone: it connects, is denied, and connects again. */
function crowd(world: World, until: number, ended: () => void): void {
	const left = until - world.time.now();
	if (left <= 0) return;
	const phone = world.phones.crowd("stranger", () => {
		ended();
		world.time.after(0, () => crowd(world, until, ended));
	});
	phone.initiate();
	world.time.after(left * 1000, () => phone.vanish());
}
