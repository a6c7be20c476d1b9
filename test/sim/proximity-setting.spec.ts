import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { Holder } from "../../phone/holder.js";
import { type CborMap, type CborValue, decodeValue, encodeValue } from "../../protocol/cbor/value.js";
import { checkConfig } from "../../protocol/config/document.js";
import { EDDSA, signer } from "../../protocol/credential/cose.js";
import { issueCredential } from "../../protocol/credential/credential.js";
import { FrameDemux } from "../../protocol/provisioning/demux.js";
import { encodeFrame, KIND } from "../../protocol/provisioning/frame.js";
import { proofMessage } from "../../protocol/provisioning/proof.js";
import { BlePhone } from "../../sim/ble/central.js";
import { ANDROID } from "../../sim/ble/profile.js";
import { SeededRandom } from "../../sim/random.js";
import { World } from "../../sim/world.js";
import { startDevice } from "../../src/app/device.js";
import { ConfigStore } from "../../src/config/store.js";

const crypto = new NodeCrypto();
const CLIENT = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** A commissioned device with this much of a configuration, and an installer at its port who has authority. */
function installed(configuration: object) {
	const world = new World({ seed: 4, crypto, factory: true });
	const store = new ConfigStore(world.flash.config, crypto, new SeededRandom(1));
	store.open();
	const [key] = store.makeKeys();
	const checked = checkConfig({ id: "FRONT", ...configuration });
	if ("problems" in checked) throw new Error("the configuration is not valid");
	const site = signer(crypto, EDDSA, world.site.keys.secretKey);
	const { trust } = world.site;
	const cwt = issueCredential(
		{ issuer: trust.site, subject: "FRONT", id: new Uint8Array(8), key: key! },
		site,
	);
	store.join({ trust, door: "FRONT", credentials: [cwt] }, checked.config);

	const said: { kind: number; value: CborValue }[] = [];
	const splitter = new FrameDemux({
		onFrame: ({ kind, payload }) => said.push({ kind, value: decodeValue(payload) }),
		onImprov: () => undefined,
	});
	class Port {
		format = "buffer" as const;
		constructor(options: { onWritable?: (count: number) => void }) {
			world.time.after(0, () => options.onWritable?.(1 << 20));
		}
		read(): undefined {}
		write(bytes: Uint8Array): void {
			splitter.feed(bytes);
		}
		close(): void {}
	}
	world.board.chip.setPower(true);
	const device = startDevice({ ...world.platform("power-on"), console: { io: Port } });
	world.time.run(1500);
	let number = 0;
	const ask = (name: string, parameters: CborMap = {}): CborValue => {
		const payload = encodeValue([name, parameters]);
		const before = said.length;
		device.provisioning!.feed(
			encodeFrame({ version: 1, kind: KIND.request, client: CLIENT, number: ++number, payload }),
		);
		world.time.run(100);
		return said.slice(before).find(({ kind }) => kind === KIND.reply)!.value;
	};
	const message = proofMessage(ask("challenge") as Uint8Array, key!.publicKey, CLIENT);
	const { publicKey, secretKey } = world.site.keys;
	ask("prove", { key: publicKey, signature: crypto.ed25519Sign(message, secretKey) });

	/** A phone is held at `metres` for 3 s. */
	const hold = (metres: number, tapped = false): void => {
		const holder = new Holder({
			crypto,
			random: new SeededRandom(8),
			credential: world.people.valid.own,
			suite: 4,
			trust,
		});
		new BlePhone({
			radio: world.radio,
			profile: ANDROID,
			session: () => holder.session(),
			distance: () => metres,
			tapped,
		}).connect();
		world.time.run(3000);
	};
	const signals = (): CborMap[] =>
		said
			.map(({ value }) => value as CborMap)
			.filter((value) => value !== null && typeof value === "object" && value.event === "signal");
	return { world, ask, hold, signals };
}

describe("the site's own nearness", function () {
	this.timeout(60_000);

	for (const [proximity, metres, near] of [
		[undefined, 0.3, true],
		[{ near: -40 }, 0.3, false],
		[undefined, 1.5, false],
		[{ near: -75 }, 1.5, true],
	] as const)
		it(`${JSON.stringify(proximity) ?? "by default"}: a phone at ${metres} m is ${near ? "" : "not "}in hand`, () => {
			const { world, ask, hold, signals } = installed(proximity ? { proximity } : {});
			ask("watch", { on: true });
			hold(metres);
			assert.lengthOf(world.auditor.decisions(), near ? 1 : 0);
			assert.isAtLeast(signals().length, 1);
			assert.equal(signals()[0]!.near, near);
			const expected = -50 - 24 * Math.log10(metres / 0.3);
			assert.closeTo(signals()[0]!.dBm as number, expected, 4);
		});

	for (const [bluetooth, tapped, metres, opens] of [
		["near", false, 0.2, true],
		["near", true, 3, false],
		["tap", true, 3, true],
		["tap", false, 0.2, false],
		["near-or-tap", true, 3, true],
		["near-or-tap", false, 0.2, true],
		["near-or-tap", false, 3, false],
		["near-and-tap", true, 0.2, true],
		["near-and-tap", true, 3, false],
		["near-and-tap", false, 0.2, false],
	] as const)
		it(`${bluetooth}: ${tapped ? "with" : "without"} a tap at ${metres} m ${opens ? "is decided on" : "is not"}`, () => {
			const { world, hold } = installed({ bluetooth });
			hold(metres, tapped);
			assert.lengthOf(world.auditor.decisions(), opens ? 1 : 0);
		});

	it("`test ble` tells how strong the last phone was, and that none was", () => {
		const { ask, hold, signals } = installed({});
		assert.match(String((ask("test", { name: "ble" }) as CborMap).detail), /no phone was heard/);
		hold(0.3);
		assert.lengthOf(signals(), 0, "nobody watches");
		const { passed, detail } = ask("test", { name: "ble" }) as CborMap;
		assert.isTrue(passed);
		assert.match(String(detail), /the last phone left at -(4[6-9]|5[0-4]) dBm, \d s ago/);
	});
});
