// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import type { Wifi, WifiLoss, WifiNetwork } from "../../hal/contracts/wifi.js";
import { ATTEMPTS, Esp32Wifi, JOIN_LIMIT_MS, SCAN_LIMIT_MS } from "../../hal/esp32/wifi.js";
import { VirtualTime } from "../../sim/time.js";
import { SimWifi } from "../../sim/wifi.js";
import { REJOIN_MAX_MS, REJOIN_MS, stayJoined } from "../../src/app/stay-joined.js";
import type { ConfigStore } from "../../src/config/store.js";
import { type AirNetwork, SdkWifi } from "../support/sdk-wifi.js";

const BUILDING: AirNetwork = { ssid: "Building", rssi: -51, password: "correct horse" };
const GUESTS: AirNetwork = { ssid: "Guests", rssi: -67, password: "" };
/** Longest that any request may take: an installer's command gives up after 45 s. */
const LIMIT_MS = 40_000;

interface Bench {
	readonly time: VirtualTime;
	readonly wifi: Wifi;
	air(networks: readonly AirNetwork[]): void;
	vanish(ssid: string): void;
	lose(why: WifiLoss): void;
}

/** Reasons of ESP-IDF that a board finds (esp_wifi_types_generic.h). */
const REASONS: Readonly<Record<WifiLoss, readonly number[]>> = {
	unheard: [200, 34],
	password: [15, 16, 23, 202, 204],
	dismissed: [1, 2, 3, 4, 8, 12, 205],
};

function simulated(): Bench {
	const time = new VirtualTime();
	const wifi = new SimWifi(time);
	const air = (networks: readonly AirNetwork[]): void => {
		wifi.networks.splice(0, wifi.networks.length, ...networks);
	};
	return { time, wifi, air, vanish: (ssid) => wifi.vanish(ssid), lose: (why) => wifi.lose(why) };
}

function board() {
	const time = new VirtualTime();
	const sdk = new SdkWifi(time);
	const chip = {
		room: true,
		isText: (text: string) => !text.includes("\ufffd"),
		wifiHasRoom: () => chip.room,
		wifiReason: () => sdk.reason,
	};
	const wifi = new Esp32Wifi({ io: sdk.io, chip, clock: time });
	const air = (networks: readonly AirNetwork[]): void => {
		sdk.networks = networks.map((network) => ({ ...network }));
	};
	const lose = (why: WifiLoss): void => sdk.lose(REASONS[why][0]!);
	return { time, wifi, air, vanish: sdk.vanish, lose, sdk, chip };
}

/** Counts the answers, of which there has to be one. */
function once<T>(): { readonly answers: T[]; readonly done: (answer: T) => void } {
	const answers: T[] = [];
	return { answers, done: (answer) => answers.push(answer) };
}

function scan({ wifi, time }: Bench): readonly WifiNetwork[] {
	const { answers, done } = once<readonly WifiNetwork[]>();
	wifi.scan(done);
	time.run(LIMIT_MS);
	assert.lengthOf(answers, 1);
	return answers[0]!;
}

function join({ wifi, time }: Bench, ssid: string, password: string): boolean {
	const { answers, done } = once<boolean>();
	wifi.join(ssid, password, done);
	time.run(LIMIT_MS);
	assert.lengthOf(answers, 1);
	assert.equal(wifi.joined, answers[0]);
	return answers[0]!;
}

const STATIONS: readonly (readonly [string, () => Bench])[] = [
	["the simulated station", simulated],
	["an ESP32's, over a model of the SDK's class", board],
];

for (const [name, make] of STATIONS)
	describe(`Wi-Fi: ${name}`, () => {
		let bench: Bench;
		beforeEach(() => {
			bench = make();
			bench.air([GUESTS, BUILDING]);
		});

		it("lists networks, the strongest first, with what protects them", () => {
			assert.deepEqual(scan(bench), [
				{ ssid: "Building", rssi: -51, secured: true },
				{ ssid: "Guests", rssi: -67, secured: false },
			]);
			bench.air([]);
			assert.deepEqual(scan(bench), []);
		});

		it("lists the 16 strongest of many", () => {
			const many = Array.from({ length: 60 }, (_, i) => ({
				ssid: `net ${i}`,
				rssi: -90 + ((i * 37) % 60),
				password: "",
			}));
			bench.air(many);
			const strongest = many.map(({ rssi }) => rssi).sort((a, b) => b - a);
			assert.deepEqual(
				scan(bench).map(({ rssi }) => rssi),
				strongest.slice(0, 16),
			);
		});

		it("joins with the right password, and open networks with none", () => {
			assert.isFalse(bench.wifi.joined);
			assert.isTrue(join(bench, "Building", "correct horse"));
			assert.isTrue(join(bench, "Guests", ""));
		});

		it("is in no network after a wrong password, an unknown name, or a password for an open one", () => {
			assert.isFalse(join(bench, "Building", "wrong horse"));
			assert.isFalse(join(bench, "Nowhere", "correct horse"));
			assert.isFalse(join(bench, "Guests", "correct horse"));
			assert.isTrue(join(bench, "Building", "correct horse"));
			assert.isFalse(join(bench, "Building", "wrong horse"), "the network before is not the answer");
		});

		it("refuses names and passwords that no network can have, also after a good join", () => {
			assert.isTrue(join(bench, "Building", "correct horse"));
			for (const [ssid, password] of [
				["", "correct horse"],
				["n".repeat(33), "correct horse"],
				["ü".repeat(17), "correct horse"],
				["Building", "short"],
				["Building", "p".repeat(64)],
				["Building", "ü".repeat(32)],
			] as const) {
				const { answers, done } = once<boolean>();
				bench.wifi.join(ssid, password, done);
				bench.time.run(LIMIT_MS);
				assert.deepEqual(answers, [false], `${ssid} ${password}`);
				assert.isTrue(bench.wifi.joined, "and stays where it is");
			}
		});

		it("takes a name of 32 bytes in any script, and a password of 63", () => {
			for (const ssid of ["n".repeat(32), "ü".repeat(16), "門".repeat(10), "😀".repeat(8)]) {
				const password = "p".repeat(63);
				bench.air([{ ssid, rssi: -40, password }]);
				assert.isTrue(join(bench, ssid, password), ssid);
				assert.equal(scan(bench)[0]!.ssid, ssid);
			}
		});

		it("scans while it is in a network, and stays there", () => {
			assert.isTrue(join(bench, "Building", "correct horse"));
			assert.lengthOf(scan(bench), 2);
			assert.isTrue(bench.wifi.joined);
		});

		it("answers a join during a scan, and both", () => {
			const scanned = once<readonly WifiNetwork[]>();
			const joined = once<boolean>();
			bench.wifi.scan(scanned.done);
			bench.time.run(100);
			bench.wifi.join("Building", "correct horse", joined.done);
			bench.time.run(LIMIT_MS);
			assert.lengthOf(scanned.answers[0]!, 2);
			assert.deepEqual(joined.answers, [true]);
			assert.lengthOf(scanned.answers, 1);
			assert.isTrue(bench.wifi.joined);
		});

		it("answers a scan during a join, at any moment of it", () => {
			for (let ms = 0; ms < 3000; ms += 150) {
				const one = make();
				one.air([GUESTS, BUILDING]);
				const scanned = once<readonly WifiNetwork[]>();
				const joined = once<boolean>();
				one.wifi.join("Building", "correct horse", joined.done);
				one.time.run(ms);
				one.wifi.scan(scanned.done);
				one.time.run(LIMIT_MS);
				assert.lengthOf(joined.answers, 1);
				assert.lengthOf(scanned.answers, 1);
				assert.lengthOf(scanned.answers[0]!, 2, `${ms} ms after the join`);
				assert.equal(one.wifi.joined, joined.answers[0]);
			}
		});

		it("is in the network of the last of two joins, at any moment of the first", () => {
			for (let ms = 0; ms < 3000; ms += 150) {
				const one = make();
				one.air([GUESTS, BUILDING]);
				const [first, second] = [once<boolean>(), once<boolean>()];
				one.wifi.join("Guests", "", first.done);
				one.time.run(ms);
				one.wifi.join("Building", "correct horse", second.done);
				one.time.run(LIMIT_MS);
				assert.lengthOf(first.answers, 1);
				assert.deepEqual(second.answers, [true], `${ms} ms after the first`);
				one.vanish("Guests");
				one.time.run(LIMIT_MS);
				assert.isTrue(one.wifi.joined, "it is in Building");
				one.vanish("Building");
				one.time.run(LIMIT_MS);
				assert.isFalse(one.wifi.joined);
			}
		});

		it("tells each loss of its network once, with why, and nothing that was asked for", () => {
			const losses: WifiLoss[] = [];
			bench.wifi.watch((why) => losses.push(why));
			assert.isFalse(join(bench, "Building", "wrong horse"));
			assert.isTrue(join(bench, "Building", "correct horse"));
			assert.isTrue(join(bench, "Guests", ""));
			assert.isFalse(join(bench, "Nowhere", ""));
			assert.isEmpty(losses);
			for (const why of ["dismissed", "password"] as const) {
				assert.isTrue(join(bench, "Building", "correct horse"));
				bench.lose(why);
				bench.time.run(LIMIT_MS);
				assert.isFalse(bench.wifi.joined);
			}
			assert.isTrue(join(bench, "Guests", ""));
			bench.vanish("Guests");
			bench.time.run(LIMIT_MS);
			bench.lose("dismissed");
			bench.time.run(LIMIT_MS);
			assert.deepEqual(losses, ["dismissed", "password", "unheard"]);
		});

		it("lets an installer's join come to its end while its own network is away", () => {
			const { wifi, time } = bench;
			const kept = { wifi: { ssid: "Gone", password: "correct horse" } } as unknown as ConfigStore;
			stayJoined(time, wifi, kept, () => undefined);
			for (let ms = 0; ms < REJOIN_MAX_MS; ms += 700) {
				while (wifi.busy) time.run(100);
				time.run(ms % REJOIN_MS);
				if (wifi.busy) continue;
				const { answers, done } = once<boolean>();
				wifi.join("Building", "correct horse", done);
				assert.isTrue(wifi.busy);
				time.run(LIMIT_MS);
				assert.deepEqual(answers, [true], `after ${ms} ms`);
				// Away from it again, so that its own network is looked for.
				wifi.join("Nowhere", "", () => {});
				time.run(LIMIT_MS);
			}
		});

		it("comes back to the network that it keeps, more and more rarely while that is away", () => {
			assert.isTrue(join(bench, "Building", "correct horse"));
			const { wifi, time } = bench;
			const asked: number[] = [];
			const watched: Wifi = {
				get joined() {
					return wifi.joined;
				},
				get busy() {
					return wifi.busy;
				},
				scan: (done) => wifi.scan(done),
				watch: (lost) => wifi.watch(lost),
				join: (ssid, password, done) => {
					asked.push(time.now());
					wifi.join(ssid, password, done);
				},
			};
			const kept = { wifi: { ssid: "Building", password: "correct horse" } } as unknown as ConfigStore;
			stayJoined(time, watched, kept, () => undefined);
			time.run(10 * REJOIN_MS);
			assert.deepEqual(asked, [], "it is in its network");
			bench.vanish("Building");
			time.run(15 * 60_000);
			assert.isFalse(wifi.joined);
			const gaps = asked.slice(1).map((at, i) => at - asked[i]!);
			assert.isAtLeast(gaps[0]!, 2 * REJOIN_MS);
			for (const gap of gaps.slice(1)) assert.isAtLeast(gap, REJOIN_MAX_MS);
			for (const gap of gaps) assert.isAtMost(gap, REJOIN_MAX_MS + JOIN_LIMIT_MS);
			bench.air([BUILDING]);
			time.run(REJOIN_MAX_MS + LIMIT_MS);
			assert.isTrue(wifi.joined);
			// And quickly again, once it was back.
			bench.vanish("Building");
			time.run(REJOIN_MS);
			bench.air([BUILDING]);
			time.run(2 * REJOIN_MS + LIMIT_MS);
			assert.isTrue(wifi.joined);
		});
	});

describe("Wi-Fi of an ESP32", () => {
	it("tells by ESP-IDF's reasons why a network was lost", () => {
		for (const [why, reasons] of Object.entries(REASONS))
			for (const reason of reasons) {
				const bench = board();
				bench.air([BUILDING]);
				const losses: WifiLoss[] = [];
				bench.wifi.watch((loss) => losses.push(loss));
				assert.isTrue(join(bench, "Building", "correct horse"));
				bench.sdk.lose(reason);
				assert.deepEqual(losses, [why as WifiLoss], `${reason}`);
			}
	});

	it("does not start its radio for a reader that has no network", () => {
		const { time, wifi, sdk } = board();
		stayJoined(time, wifi, { wifi: undefined } as unknown as ConfigStore, () => undefined);
		time.run(10 * 60_000);
		assert.isFalse(wifi.joined);
		assert.equal(sdk.opened, 0);
	});

	it("does not start it where memory is short, and answers", () => {
		const bench = board();
		bench.air([BUILDING]);
		bench.chip.room = false;
		assert.deepEqual(scan(bench), []);
		assert.isFalse(join(bench, "Building", "correct horse"));
		assert.equal(bench.sdk.opened, 0);
		bench.chip.room = true;
		bench.sdk.noMemory = true;
		assert.deepEqual(scan(bench), []);
		assert.isFalse(join(bench, "Building", "correct horse"));
		bench.sdk.noMemory = false;
		assert.isTrue(join(bench, "Building", "correct horse"));
	});

	it("keeps of a network with many access points the strongest, and no name that is not text", () => {
		const bench = board();
		bench.air([
			{ ...BUILDING, rssi: -80 },
			{ ...BUILDING, rssi: -40 },
			{ ...BUILDING, rssi: -60 },
			{ ssid: "", rssi: -30, password: "" },
			{ ssid: "cut \ufffd", rssi: -30, password: "" },
			GUESTS,
		]);
		assert.deepEqual(
			scan(bench).map(({ ssid, rssi }) => [ssid, rssi]),
			[
				["Building", -40],
				["Guests", -67],
			],
		);
	});

	it("tries again where an access point drops the first association, and not for ever", () => {
		const bench = board();
		bench.air([{ ...BUILDING, drops: ATTEMPTS - 1 }]);
		assert.isTrue(join(bench, "Building", "correct horse"));
		const other = board();
		other.air([{ ...BUILDING, drops: ATTEMPTS }]);
		assert.isFalse(join(other, "Building", "correct horse"));
		assert.lengthOf(other.sdk.connects, ATTEMPTS);
	});

	it("gives up a join that gets no address, and leaves that network", () => {
		const bench = board();
		bench.air([BUILDING]);
		bench.sdk.noLease = true;
		const { answers, done } = once<boolean>();
		bench.wifi.join("Building", "correct horse", done);
		bench.time.run(JOIN_LIMIT_MS - 1);
		assert.deepEqual(answers, []);
		bench.time.run(1);
		assert.deepEqual(answers, [false]);
		assert.isFalse(bench.wifi.joined);
		bench.sdk.noLease = false;
		assert.isTrue(join(bench, "Building", "correct horse"));
	});

	it("gives up a scan of which nothing comes, keeps its network, and scans again", () => {
		const bench = board();
		bench.air([BUILDING]);
		assert.isTrue(join(bench, "Building", "correct horse"));
		bench.sdk.silentScan = true;
		const { answers, done } = once<readonly WifiNetwork[]>();
		bench.wifi.scan(done);
		bench.time.run(SCAN_LIMIT_MS);
		assert.deepEqual(answers, [[]]);
		assert.isTrue(bench.wifi.joined);
		bench.sdk.silentScan = false;
		assert.lengthOf(scan(bench), 1);
		assert.equal(bench.sdk.opened - bench.sdk.closed, 1);
	});

	it("answers each of two scans once, and a name with a zero never reaches the SDK", () => {
		const bench = board();
		bench.air([BUILDING]);
		const [first, second] = [once<readonly WifiNetwork[]>(), once<readonly WifiNetwork[]>()];
		bench.wifi.scan(first.done);
		bench.time.run(500);
		bench.wifi.scan(second.done);
		bench.time.run(LIMIT_MS);
		assert.deepEqual(first.answers, [[]]);
		assert.lengthOf(second.answers, 1);
		assert.lengthOf(second.answers[0]!, 1);
		assert.isFalse(join(bench, "Building\0x", "correct horse"));
		assert.isFalse(join(bench, "Building", "correct\0horse"));
		assert.isEmpty(bench.sdk.connects);
	});
});
