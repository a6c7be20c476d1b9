// SPDX-License-Identifier: Apache-2.0

import { type AddressInfo, createServer } from "node:net";
import { assert } from "chai";
import { computerNetwork } from "../../sim/computer-network.js";

describe("the computer's network for a simulated reader", () => {
	it("connects, and all that comes of it enters the world", async () => {
		const server = createServer((socket) => socket.pipe(socket));
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const { port } = server.address() as AddressInfo;
		let inside = false;
		const network = computerNetwork((action) => {
			inside = true;
			action();
			inside = false;
		});
		const address = await new Promise<string | undefined>((resolve) =>
			network.resolve("127.0.0.1", (found) => resolve(inside ? found : "outside")),
		);
		assert.equal(address, "127.0.0.1");
		const told: string[] = [];
		const tell = (what: string): unknown => told.push(`${what} ${inside ? "inside" : "outside"}`);
		await new Promise<void>((resolve) => {
			const socket = new network.tcp!({
				address: address!,
				port,
				onWritable: () => {
					if (told.length > 0) return;
					tell("writable");
					socket.write(Uint8Array.of(1, 2, 3));
				},
				onReadable: (count) => {
					const bytes = new Uint8Array(count);
					socket.read(bytes);
					tell(`readable ${bytes}`);
					server.close();
					for (const one of sockets) one.destroy();
				},
				onError: () => {
					tell("ended");
					resolve();
				},
			});
			const sockets: { destroy(): void }[] = [];
			server.on("connection", (one) => sockets.push(one));
		});
		assert.deepEqual(told, ["writable inside", "readable 1,2,3 inside", "ended inside"]);
		assert.throws(() => network.udp(() => undefined), /time server/);
	});

	it("tells what there is when the world has come up to the present, in which some was read", async () => {
		let more = (): unknown => undefined;
		const server = createServer((socket) => {
			socket.write(Uint8Array.of(1, 2, 3));
			more = () => socket.end(Uint8Array.of(4, 5));
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		const { port } = server.address() as AddressInfo;
		let catchUp = (): void => {};
		const network = computerNetwork((action) => {
			catchUp();
			action();
		});
		const read: string[] = [];
		await new Promise<void>((resolve) => {
			const take = (count: number): void => {
				const bytes = new Uint8Array(count);
				socket.read(bytes);
				read.push(bytes.join());
			};
			const socket = new network.tcp!({
				...{ address: "127.0.0.1", port, onWritable: () => undefined, onError: resolve },
				onReadable: (count) => {
					if (read.length > 0) return take(count);
					take(1);
					// What is left is read by an alarm, just before the next that comes is told.
					catchUp = () => {
						catchUp = () => {};
						take(2);
					};
					setImmediate(() => more());
				},
			});
		});
		server.close();
		assert.deepEqual(read, ["1", "2,3", "4,5"]);
	});
});
