// SPDX-License-Identifier: Apache-2.0

/** The client against servers on UDP of this computer: a right one by RFC 5905, and hostile ones. */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { assert } from "chai";
import type { Datagram, Network, UDP } from "../../../hal/contracts/network.js";
import type { Alarm, Clock } from "../../../hal/contracts/time.js";
import { NodeRandom } from "../../../hal/node/random.js";
import {
	AGAIN_MS,
	ANSWER_MS,
	DENIED_MS,
	RESOLVE_MS,
	RETRY_MS,
	SntpClient,
} from "../../../src/time/sntp-client.js";

const UNIX = 2_208_988_800;
const LOOPBACK = "127.0.0.1";

/** The contract on Node's sockets. */
class LoopbackNetwork implements Network {
	address: string | undefined = LOOPBACK;
	open = 0;

	resolve(_host: string, done: (address: string | undefined) => void): void {
		done(this.address);
	}

	udp(onReadable: () => void): UDP {
		const socket = createSocket("udp4");
		const waiting: Datagram[] = [];
		this.open++;
		socket.on("message", (bytes: Buffer, { address, port }: RemoteInfo) => {
			waiting.push(Object.assign(new Uint8Array(bytes).buffer, { address, port }));
			onReadable();
		});
		return {
			read: () => waiting.shift(),
			write: (data, address, port) => socket.send(data, port, address),
			close: () => {
				this.open--;
				socket.close();
			},
		};
	}
}

/** Time by hand: the client's alarm goes off when the spec says so, so that a busy machine turns nothing red. */
class HandClock implements Clock {
	due: number | undefined;
	#callback: (() => void) | undefined;
	#changed: (() => void)[] = [];

	now(): number {
		return 0;
	}

	alarm(callback: () => void): Alarm {
		this.#callback = callback;
		const set = (ms: number | undefined): void => {
			this.due = ms;
			for (const changed of this.#changed.splice(0)) changed();
		};
		return { set, clear: () => set(undefined), close: () => set(undefined) };
	}

	fire(): void {
		this.due = undefined;
		this.#callback!();
	}

	/** Until the client waits for the next question. */
	async idle(): Promise<number> {
		for (;;) {
			const { due } = this;
			if (due !== undefined && due !== ANSWER_MS && due !== RESOLVE_MS) return due;
			await new Promise<void>((resolve) => this.#changed.push(resolve));
		}
	}
}

class Server {
	readonly socket: Socket = createSocket("udp4");
	readonly requests: Buffer[] = [];
	answer: (request: Buffer, to: RemoteInfo) => void;

	constructor(answer: (server: Server, request: Buffer, to: RemoteInfo) => void) {
		this.answer = (request, to) => answer(this, request, to);
		this.socket.on("message", (request, to) => {
			this.requests.push(request);
			this.answer(request, to);
		});
	}

	async bind(): Promise<number> {
		await new Promise<void>((resolve) => this.socket.bind(0, LOOPBACK, resolve));
		return this.socket.address().port;
	}

	send(packet: Uint8Array, to: RemoteInfo): void {
		this.socket.send(packet, to.port, to.address);
	}
}

function right(request: Buffer, seconds = Math.floor(Date.now() / 1000)): Uint8Array {
	const packet = new Uint8Array(48);
	const view = new DataView(packet.buffer);
	packet.set([0x24, 2, 4, 0xec]);
	view.setUint32(8, 0x200);
	for (const at of [16, 32, 40]) view.setUint32(at, (seconds + UNIX) % 2 ** 32);
	packet.set(request.subarray(40, 48), 24);
	return packet;
}

function changed(packet: Uint8Array, fields: Readonly<Record<number, number>>): Uint8Array {
	for (const [at, value] of Object.entries(fields)) packet[Number(at)] = value;
	return packet;
}

describe("the SNTP client on UDP", () => {
	const ends: (() => void)[] = [];
	afterEach(() => {
		for (const end of ends.splice(0)) end();
	});

	async function asked(server: Server) {
		const port = await server.bind();
		ends.push(() => server.socket.close());
		const network = new LoopbackNetwork();
		const clock = new HandClock();
		const times: number[] = [];
		const traced: string[] = [];
		const wifi = { joined: true };
		new SntpClient({
			...{ clock, network, port, wifi, server: "time.test", random: new NodeRandom() },
			onTime: (seconds) => times.push(seconds),
			trace: (text) => traced.push(text),
		});
		ends.push(() => assert.equal(network.open, 0, "no socket is left open"));
		return { clock, network, times, traced, wifi };
	}

	it("has a right server's time, and asks again after hours", async () => {
		const server = new Server((own, request, to) => own.send(right(request), to));
		const { clock, times } = await asked(server);
		clock.fire();
		assert.equal(await clock.idle(), AGAIN_MS);
		assert.closeTo(times[0]!, Date.now() / 1000, 30);
		clock.fire();
		await clock.idle();
		assert.lengthOf(times, 2);
		assert.notDeepEqual(server.requests[0]!.subarray(40), server.requests[1]!.subarray(40));
	});

	it("waits for its network, for names and for answers, each with a limit", async () => {
		const server = new Server(() => undefined);
		const { clock, network, times, wifi } = await asked(server);
		wifi.joined = false;
		clock.fire();
		assert.lengthOf(server.requests, 0);
		wifi.joined = true;
		network.address = undefined;
		clock.fire();
		assert.equal(await clock.idle(), RETRY_MS);
		network.address = LOOPBACK;
		const waits: number[] = [];
		for (let tries = 0; tries < 10; tries++) {
			clock.fire();
			assert.equal(clock.due, ANSWER_MS);
			clock.fire();
			waits.push(clock.due!);
		}
		assert.deepEqual(waits.slice(0, 3), [2 * RETRY_MS, 4 * RETRY_MS, 8 * RETRY_MS]);
		assert.equal(waits.at(-1), AGAIN_MS);
		assert.deepEqual(times, []);
	});

	it("takes nothing that a hostile server makes up, and the right answer among it", async () => {
		const server = new Server((own, request, to) => {
			const wrong = right(request, 4_000_000_000);
			own.send(changed(wrong.slice(), { 24: wrong[24]! ^ 1 }), to);
			own.send(wrong.slice(0, 47), to);
			own.send(changed(wrong.slice(), { 0: 0x23 }), to);
			own.send(new Uint8Array(0), to);
			own.send(new Uint8Array(1400).fill(0x24), to);
			own.send(right(request), to);
		});
		const { clock, times } = await asked(server);
		clock.fire();
		assert.equal(await clock.idle(), AGAIN_MS);
		assert.lengthOf(times, 1);
		assert.closeTo(times[0]!, Date.now() / 1000, 30);
	});

	it("ends a question in which it is flooded", async () => {
		const server = new Server((own, request, to) => {
			for (let i = 0; i < 20; i++) own.send(changed(right(request), { 25: i, 26: i }), to);
		});
		const { clock, times, traced } = await asked(server);
		clock.fire();
		assert.equal(await clock.idle(), RETRY_MS);
		assert.match(traced.at(-1)!, /too many/);
		assert.deepEqual(times, []);
	});

	it("does not hear another port that knows the question", async () => {
		const other = createSocket("udp4");
		ends.push(() => other.close());
		const server = new Server((own, request, to) =>
			other.send(right(request, 4_000_000_000), to.port, to.address, () => own.send(right(request), to)),
		);
		const { clock, times } = await asked(server);
		clock.fire();
		await clock.idle();
		assert.lengthOf(times, 1);
		assert.closeTo(times[0]!, Date.now() / 1000, 30);
	});

	for (const [what, code, wait] of [
		["denies service", "DENY", DENIED_MS],
		["restricts it", "RSTR", DENIED_MS],
		["is asked too often", "RATE", AGAIN_MS],
	] as const)
		it(`leaves a server alone that ${what}`, async () => {
			const server = new Server((own, request, to) => {
				const packet = changed(right(request), { 1: 0 });
				for (let i = 0; i < 4; i++) packet[12 + i] = code.charCodeAt(i);
				own.send(packet, to);
			});
			const { clock, times } = await asked(server);
			clock.fire();
			assert.equal(await clock.idle(), wait);
			assert.deepEqual(times, []);
		});

	it("has no time of a server that has none", async () => {
		const server = new Server((own, request, to) =>
			own.send(changed(right(request), { 0: 0xe4, 1: 16 }), to),
		);
		const { clock, times } = await asked(server);
		clock.fire();
		assert.equal(await clock.idle(), RETRY_MS);
		assert.deepEqual(times, []);
	});
});
