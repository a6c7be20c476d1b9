// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../../hal/node/crypto.js";
import { equal } from "../../../protocol/bytes.js";
import { NO_END } from "../../../protocol/plan/format.js";
import { SimBroker } from "../../../sim/broker.js";
import { SimNetwork } from "../../../sim/network.js";
import { practiceKeys } from "../../../sim/practice-keys.js";
import { SeededRandom } from "../../../sim/random.js";
import { EPOCH } from "../../../sim/site.js";
import { SimSiteServer } from "../../../sim/site-server.js";
import { VirtualTime } from "../../../sim/time.js";
import { connectBroker, practiceServerKey, serverModel, UPLINK } from "../../../sim/uplink.js";
import { ALWAYS_OPEN, encodeTables, packRecords, type RecordModel } from "../../../site/lib/plan/encode.js";
import { FleetDoor } from "../../../tools/fleet/fleet-door.js";

const crypto = new NodeCrypto();
const SITE = "ACME0001";

function recordOf(id: Uint8Array): RecordModel {
	return { id, access: 0, flags: 0, from: 0, until: NO_END };
}

/** Doors of a fleet and their site, in simulated time. */
class Fleet {
	readonly time = new VirtualTime();
	readonly random = new SeededRandom(1);
	readonly network = new SimNetwork(this.time, () => true);
	readonly broker = new SimBroker(this.time, 1);
	readonly site: SimSiteServer;
	readonly doors: readonly FleetDoor[];
	/** Times at which any of the firmware had run. */
	turns = 0;

	constructor(names: readonly string[]) {
		const { broker, network, random, time } = this;
		const serverKey = practiceServerKey(crypto);
		const pair = crypto.ed25519KeyPair(random.bytes(32));
		const site = practiceKeys(SITE, pair, crypto, [serverModel(serverKey)], 1, EPOCH);
		const seconds = (): number => EPOCH + Math.floor(time.now() / 1000);
		connectBroker(network, broker);
		this.site = new SimSiteServer({ time, crypto, random, site, serverKey, seconds, broker });
		const onTurn = (): unknown => this.turns++;
		const options = { clock: time, seconds, network, random, crypto, onTurn };
		const commission = { trust: site.trust, by: site.signing };
		this.doors = names.map((door) => new FleetDoor(options, { ...commission, door }));
		for (const door of this.doors) {
			door.connectTo(UPLINK.server);
			this.site.books.register(door.name, door.reader);
		}
	}

	/** These credentials open every door. */
	plan(version: number, ids: readonly Uint8Array[]): void {
		const rest = { issued: EPOCH, expires: 0, notice: 0, tables: encodeTables(ALWAYS_OPEN) };
		for (const { name: door } of this.doors)
			this.site.books.setPlan({
				site: SITE,
				door,
				version,
				...rest,
				records: packRecords(ids.map(recordOf)),
			});
	}

	start(): void {
		for (const door of this.doors) door.start();
	}
}

describe("a fleet's door", () => {
	it("gets its plan from the site, and opens by it, until the site has revoked", () => {
		const fleet = new Fleet(["A", "B"]);
		const [anna, ben] = [fleet.random.bytes(8), fleet.random.bytes(8)];
		const decisions = (id: Uint8Array) => fleet.doors.map((door) => door.decision(id)?.reason);
		fleet.plan(1, [anna]);
		assert.deepEqual(decisions(anna), [undefined, undefined]);
		fleet.start();
		fleet.time.run(1000);
		assert.deepEqual(decisions(anna), ["no-plan", "no-plan"]);
		fleet.time.run(30_000);
		assert.deepEqual(decisions(anna), ["granted", "granted"]);
		assert.isTrue(fleet.doors.every(({ session }) => session > 0));
		assert.deepEqual(decisions(ben), ["unknown-credential", "unknown-credential"]);
		fleet.plan(2, [anna, ben]);
		fleet.time.run(2000);
		assert.deepEqual(decisions(ben), ["granted", "granted"]);
		fleet.site.books.revoke([ben]);
		fleet.time.run(2000);
		assert.deepEqual(decisions(ben), ["revoked", "revoked"]);
		assert.deepEqual(decisions(anna), ["granted", "granted"]);
	});

	it("comes back after a power cut with what it had, and the site gets its log whole", () => {
		const fleet = new Fleet(["A"]);
		const [door] = fleet.doors as [FleetDoor];
		const anna = fleet.random.bytes(8);
		fleet.plan(1, [anna]);
		fleet.start();
		fleet.time.run(30_000);
		assert.equal(door.visit(anna).reason, "granted");
		assert.isFalse(door.drained);
		door.powerOff();
		const turns = fleet.turns;
		fleet.time.run(60_000);
		assert.equal(fleet.turns, turns, "nothing runs without power");
		door.start();
		assert.equal(door.decision(anna)!.reason, "granted");
		fleet.time.run(30_000);
		assert.isTrue(door.drained);
		const { records } = fleet.site.books.log("A", door.reader);
		const own = door.records();
		assert.isAtLeast(own.length, 4);
		assert.lengthOf(records, own.length);
		assert.isTrue(records.every((record, i) => equal(record, own[i]!)));
	});
});
