// SPDX-License-Identifier: Apache-2.0

/** A process with some of a fleet's doors. */
import { NodeClock } from "../../hal/node/clock.js";
import { NodeCrypto } from "../../hal/node/crypto.js";
import { NodeRandom } from "../../hal/node/random.js";
import { NodeTCP, resolveByNode } from "../../hal/node/tcp.js";
import { fromHex, readUint32, toHex } from "../../protocol/bytes.js";
import { BODY_SIZE } from "../../protocol/log/record.js";
import { decodeList } from "../../protocol/trust/list.js";
import { signingKey } from "../../site/lib/site-keys.js";
import { FleetDoor } from "./fleet-door.js";
import type { Aim, Answers, Order } from "./messages.js";

const crypto = new NodeCrypto();

class Worker {
	#doors: readonly FleetDoor[] = [];
	/** Looks whether a door meets what is waited for. */
	#wait: ((door: FleetDoor) => void) | undefined;

	answer(order: Order): Answers[Order["kind"]] | Promise<Answers["until"]> {
		switch (order.kind) {
			case "make":
				return this.#make(order);
			case "connect":
				for (const [i, door] of this.#doors.entries()) door.connectTo(order.servers[i]!);
				return null;
			case "power":
				for (const door of this.#doors)
					if (order.on) door.start();
					else door.powerOff();
				return null;
			case "until":
				return this.#until(order);
			case "visit":
				for (const door of this.#doors) for (let i = 0; i < order.times; i++) door.visit(fromHex(order.id));
				return null;
			case "records":
				return this.#doors.map((door) =>
					door.records().map((record) => [readUint32(record, 0), toHex(record.subarray(BODY_SIZE))] as const),
				);
			case "figures": {
				const { system, user } = process.cpuUsage();
				return { cpuMs: (system + user) / 1000, bytes: process.memoryUsage.rss() };
			}
		}
	}

	#make({ doors, list, office }: Order & { kind: "make" }): Answers["make"] {
		const trust = decodeList(fromHex(list))!;
		const by = signingKey(crypto.ed25519KeyPair(fromHex(office)), crypto);
		const options = {
			...{ crypto, clock: new NodeClock(), random: new NodeRandom() },
			seconds: () => Math.floor(Date.now() / 1000),
			network: {
				udp: () => {
					throw new Error("a fleet asks no time server");
				},
				resolve: resolveByNode,
				tcp: NodeTCP,
			},
			onTurn: (door: FleetDoor) => this.#wait?.(door),
		};
		this.#doors = doors.map((door) => new FleetDoor(options, { door, trust, by }));
		return this.#doors.map(({ reader, readerId }) => ({ key: toHex(reader), readerId: toHex(readerId) }));
	}

	/** When each door meets it: it is asked whenever its firmware has run, for a decision where its plan has changed. */
	#until({ id, limitMs, what }: Order & { kind: "until" }): Promise<Answers["until"]> {
		const times = new Map<FleetDoor, number>();
		const asked = new Map<FleetDoor, number>();
		const credential = id === undefined ? undefined : fromHex(id);
		return new Promise((resolve) => {
			const end = (): void => {
				clearTimeout(limit);
				this.#wait = undefined;
				resolve(this.#doors.map((door) => times.get(door) ?? `${door.name}: ${door.said}`));
			};
			const limit = setTimeout(end, limitMs);
			this.#wait = (door) => {
				if (times.has(door)) return;
				if (credential !== undefined && asked.get(door) === door.planChanges) return;
				asked.set(door, door.planChanges);
				if (!meets(door, what, credential)) return;
				times.set(door, Date.now());
				if (times.size === this.#doors.length) end();
			};
			for (const door of this.#doors) this.#wait?.(door);
		});
	}
}

function meets(door: FleetDoor, what: Aim, id: Uint8Array | undefined): boolean {
	if (what === "session") return door.session > 0;
	return what === "drained" ? door.drained : door.decision(id!)?.reason === what;
}

const worker = new Worker();
process.on("message", async (order: Order) => process.send!(await worker.answer(order)));
process.on("disconnect", () => process.exit(0));
