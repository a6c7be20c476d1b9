import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import vm from "node:vm";
import { assert } from "chai";
import { UUID_FROM_PHONE, UUID_TO_PHONE } from "../../drivers/ble/service.js";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { HostCardEmulation } from "../../sim/phone/hce.js";
import { Holder, type HolderResult } from "../../sim/phone/holder.js";
import { GattHolder } from "../../sim/phone/index.js";
import { SeededRandom } from "../../sim/random.js";
import { SimSite } from "../../sim/site.js";
import { errorMessage } from "../../src/edhoc/errors.js";
import { FrameWriter } from "../../src/link/frames.js";
import { BleBench } from "../drivers/ble/bench.js";
import { root } from "../support/host.js";

/** Every file that a compiled module reaches by relative imports; bare names as they are. */
function reach(entry: string, seen = new Map<string, string>()): Map<string, string> {
	if (seen.has(entry)) return seen;
	const text = readFileSync(entry, "utf8");
	seen.set(entry, text);
	for (const match of text.matchAll(/(?:from|import)\s+"([^"]+)"/g))
		if (match[1]!.startsWith(".")) reach(join(dirname(entry), match[1]!), seen);
	return seen;
}

describe("the phone library", function () {
	this.timeout(60_000);

	it("reaches nothing of Node, and no package but those of the portable crypto", () => {
		const bare = new Set<string>();
		for (const text of reach(join(root, "build/sim/phone/index.js")).values())
			for (const match of text.matchAll(/(?:from|import)\s+"([^."][^"]*)"/g)) bare.add(match[1]!);
		for (const name of bare) assert.match(name, /^(@noble\/(ciphers|curves|hashes)\/.+|tweetnacl-ts)$/);
	});

	it("uses no global of Node or of a browser in its own files", () => {
		const allowed = vm.runInNewContext("Object.getOwnPropertyNames(globalThis)") as string[];
		for (const forbidden of ["Buffer", "TextEncoder", "setTimeout", "document", "window", "fetch"]) {
			assert.notInclude(allowed, forbidden);
			for (const [file, text] of reach(join(root, "build/sim/phone/index.js"))) {
				const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "").replace(/"[^"\n]*"|`[^`]*`/g, '""');
				assert.notMatch(code, new RegExp(`(?<![\\w.#])${forbidden}\\b`), `${file}: ${forbidden}`);
			}
		}
	});

	it("carries a whole transaction over a GATT connection of any MTU", () => {
		for (const mtu of [23, 185, 517]) {
			const bench = new BleBench();
			const results: HolderResult[] = [];
			const session = bench.holder(bench.site.phone(), 4, results).session();
			const holder = new GattHolder({ session, mtu });
			const fromPhone = bench.radio.characteristic(UUID_FROM_PHONE)!;
			const link = bench.radio.connect({
				mtu,
				interval: 30,
				perEvent: 4,
				distance: () => 0.2,
				onNotify: (_, value) => {
					for (const frame of holder.received(value)) link.fromPhone(() => fromPhone.onWrite!(frame, link));
					if (holder.over) link.close();
				},
				onDisconnect: () => holder.lost(),
			})!;
			link.fromPhone(() => link.exchangeMtu());
			link.fromPhone(() => bench.radio.characteristic(UUID_TO_PHONE)!.onSubscribe!(link));
			for (const frame of holder.begin()) link.fromPhone(() => fromPhone.onWrite!(frame, link));
			bench.time.run(5000);
			assert.deepEqual(results, [
				{ kind: "decision", decision: { granted: true, reason: "granted" }, door: "FRONT" },
			]);
			assert.lengthOf(bench.decided, 1);
		}
	});

	it("learns the MTU from the reader's frames where the platform does not tell", () => {
		for (const mtu of [23, 100, 517]) {
			const bench = new BleBench();
			const session = bench.holder(bench.site.phone(), 4, []).session();
			const holder = new GattHolder({ session });
			assert.isAtMost(Math.max(...holder.begin().map(({ length }) => length)), 20);
			const answer = new FrameWriter();
			answer.begin(2, new Uint8Array(300).fill(0x58));
			let written: Uint8Array[] = [];
			for (let frame = answer.next(mtu); frame !== undefined; frame = answer.next(mtu))
				written = holder.received(frame);
			// What came is no message_2: the error message goes out by its own kind, within the MTU.
			assert.isNotEmpty(written);
			assert.equal(written[0]![1], 0);
			assert.isAtMost(Math.max(...written.map(({ length }) => length)), mtu - 3);
		}
	});

	it("ends where a reader sends an error in place of message_2, and answers nothing", () => {
		const bench = new BleBench();
		const results: HolderResult[] = [];
		const holder = new GattHolder({ session: bench.holder(bench.site.phone(), 4, results).session() });
		holder.begin();
		const error = errorMessage(new Error())!;
		assert.isEmpty(holder.received(Uint8Array.from([0xc0, 2, 0, error.length, ...error])));
		assert.isTrue(holder.over);
		assert.isFalse(holder.finished);
		assert.lengthOf(results, 1);
		assert.equal(results[0]!.kind, "failed");
	});

	it("a reader of another site gets an error and learns nothing of the holder", () => {
		const crypto = new NodeCrypto();
		const random = new SeededRandom(1);
		const site = new SimSite(crypto, random);
		const phone = site.phone();
		const holder = new Holder({
			crypto,
			random,
			credential: phone.own,
			suite: 4,
			trust: site.trust,
		});
		const hce = new HostCardEmulation(() => holder.session());
		hce.process(Uint8Array.from([0, 0xa4, 4, 0, 8, 0xf0, 0x4c, 0x49, 0x4e, 0x54, 0x45, 0x4c, 1, 0]));
		const forged = new Uint8Array(5 + 240).fill(7);
		forged.set([0x80, 0xe8, 2, 0, 240]);
		const { response } = hce.process(forged);
		const text = Buffer.from(response).toString("latin1");
		assert.notInclude(text, Buffer.from(phone.id).toString("latin1"));
		assert.isBelow(response.length, 40, "an error, not a message_3");
	});
});
