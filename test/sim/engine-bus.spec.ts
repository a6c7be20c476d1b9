// SPDX-License-Identifier: Apache-2.0

import { assert } from "chai";
import { NodeCrypto } from "../../hal/node/crypto.js";
import type { XsEngine } from "../../sim/engine/xs.js";
import type { SimConnection } from "../../sim/tcp.js";
import { World } from "../../sim/world.js";
import { engineFor } from "./installed.js";

const AMPLE = { chunk: 4 * 1024 * 1024, heap: 128 * 1024, stack: 4096 };

describe("the bus between XS and its world", () => {
	let engine: XsEngine | undefined;

	afterEach(() => engine?.close());

	it("given anything by JavaScript: an exception or an answer, and never out of step", function () {
		engine = engineFor(this, { module: "test/xs/hostile-bus.js", creation: AMPLE });
		const said: string[] = [];
		const world = new World({ crypto: new NodeCrypto(), start: engine.start });
		world.onTrace = (text) => said.push(text);
		world.powerOn();
		assert.lengthOf(said, 1);
		const { results, errors, outOfStep } = JSON.parse(said[0]!) as Record<string, number>;
		assert.equal(outOfStep, 0);
		assert.isAbove(results!, 500);
		assert.isAbove(errors!, 500);
		assert.equal(results! + errors!, 5000);
	});

	it("tells a station on XS each loss of its network, and why", function () {
		engine = engineFor(this, { module: "test/xs/station-main.js", creation: AMPLE });
		const said: string[] = [];
		const world = new World({ crypto: new NodeCrypto(), start: engine.start });
		world.onTrace = (text) => said.push(text);
		world.powerOn();
		world.time.run(5000);
		for (const why of ["dismissed", "password", "unheard"] as const) {
			world.wifi.lose(why);
			world.time.run(5000);
		}
		const joined = "joined: true";
		assert.deepEqual(said, [joined, "dismissed", joined, "password", joined, "unheard", joined]);
	});

	it("connects the firmware on XS to servers of the world's network, again after each end", function () {
		engine = engineFor(this, { module: "test/xs/tcp-main.js", creation: AMPLE });
		const said: string[] = [];
		const world = new World({ crypto: new NodeCrypto(), start: engine.start });
		world.onTrace = (text) => said.push(text);
		const served: SimConnection[] = [];
		let came: number[] = [];
		const listen = (connection: SimConnection): void => {
			served.unshift(connection);
			connection.onData = (data) => came.push(...data);
		};
		world.network.names.set("echo", "192.0.2.7");
		world.network.listeners.set("192.0.2.7:7", listen);
		const talks = (size: number): void => {
			const sent = Uint8Array.from({ length: size }, (_, i) => size + i);
			came = [];
			served[0]!.send(sent);
			world.time.run(1000);
			assert.deepEqual(came, [...sent]);
		};
		const begun = ["connecting: no room", "room 5744, too much: no room"];
		world.powerOn();
		world.time.run(5000);
		assert.deepEqual(said.splice(0), begun);
		for (const size of [1, 1000, 5744]) talks(size);

		served[0]!.close();
		world.time.run(1000);
		assert.deepEqual(said.splice(0), ["ended, undefined", ...begun]);
		talks(1000);

		// Its connection is gone with it, which the server is not told.
		world.restart("software");
		world.time.run(5000);
		assert.deepEqual(said.splice(0), begun);
		assert.lengthOf(served, 3);
		talks(1000);

		world.network.listeners.clear();
		served[0]!.close();
		world.time.run(1000);
		assert.deepEqual(said.slice(0, 4), ["ended, undefined", begun[0], "ended, undefined", begun[0]]);
	});
});
