// SPDX-License-Identifier: Apache-2.0

/** A fleet of doors against the real server, and what is measured of it. */
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import type { ServerSettings } from "../../protocol/config/server.js";
import { compareLogs, type SentRecord } from "./compare-logs.js";
import { startMosquitto } from "./mosquitto.js";
import { type Scrape, SiteProcess } from "./site-process.js";
import { Workers } from "./workers.js";

export const BROKERS = ["embedded", "mosquitto"] as const;

export interface FleetOptions {
	readonly doors: number;
	readonly broker: (typeof BROKERS)[number];
	/** Of the doors' first connection after a start, s. */
	readonly spread: number;
	/** Processes with doors. */
	readonly processes: number;
	/** Tells how far it is. */
	readonly tell: (line: string) => void;
}

export interface FleetFigures {
	readonly doors: number;
	readonly broker: string;
	readonly spreadMs: number;
	/** From the request to the server to a door that opens for the added person, over all doors. */
	readonly editToOpenP50Ms: number;
	readonly editToOpenP99Ms: number;
	readonly editToOpenWorstMs: number;
	/** From the request to the server to a door that denies the revoked credential. */
	readonly revokeToDeniedP50Ms: number;
	readonly revokeToDeniedP99Ms: number;
	readonly revokeToDeniedWorstMs: number;
	/** From the power's return at all doors at once to the last session. */
	readonly reconnectAllMs: number;
	readonly eventsTaken: number;
	/** Records of doors' logs that the server has not, and those that it has twice. */
	readonly eventsLost: number;
	readonly eventsDoubled: number;
	/** Of the server's process over all of this; its memory with all doors in a session, less what it had without. */
	readonly cpuMsPerDoor: number;
	readonly bytesPerDoor: number;
	/** Likewise of the doors' processes. */
	readonly doorCpuMsPerDoor: number;
	readonly doorBytesPerDoor: number;
	readonly seconds: number;
}

const PLAN = "all";

/** Runs all of it; ends what it has started. */
export async function runFleet(options: FleetOptions): Promise<FleetFigures> {
	const fleet = new Fleet(options);
	try {
		return await Promise.race([fleet.run(), fleet.serverEnded]);
	} finally {
		await fleet.close();
	}
}

class Fleet {
	readonly #options: FleetOptions;
	readonly #site = new SiteProcess();
	readonly #workers: Workers;
	readonly #began = Date.now();
	/** Longest wait for all doors, ms: the spread, and far more than a door takes. */
	readonly #limitMs: number;
	#mosquitto: ChildProcess | undefined;

	constructor(options: FleetOptions) {
		this.#options = options;
		this.#limitMs = 120_000 + options.spread * 1000 + options.doors * 60;
		const doors = Array.from({ length: options.doors }, (_, i) => `D${String(i).padStart(6, "0")}`);
		this.#workers = new Workers(doors, options.processes);
	}

	get serverEnded(): Promise<never> {
		return this.#site.ended;
	}

	async run(): Promise<FleetFigures> {
		const { doors, spread } = this.#options;
		const idle = await this.#commission();
		this.#tell("all doors are on for the first time");
		const first = await this.#sessions();
		const [ann, ben] = [credential(), credential()];
		await this.#opens(ann);
		await this.#workers.visit(ann, 2);
		const edit = await this.#opens(ben);
		this.#tell(`edit -> opens: ${inWords(edit)}`);
		const revoke = await this.#denies(ben);
		this.#tell(`revoke -> denied: ${inWords(revoke)}`);
		await this.#workers.visit(ben, 1);
		const busy = await this.#site.scrape();
		const doorFigures = await this.#workers.figures();
		// In the middle of what they have to say.
		await this.#workers.visit(ann, 5);
		await this.#workers.power(false);
		this.#tell(`sessions after ${first} ms; now the power of all doors is cut`);
		const reconnectAllMs = await this.#sessions();
		this.#tell(`all in a session again after ${reconnectAllMs} ms`);
		await this.#workers.visit(ann, 1);
		await this.#workers.until("drained", this.#limitMs);
		const { doubled, lost, taken } = await this.#logs();
		const end = await this.#site.scrape();
		return {
			...{ doors, broker: this.#options.broker, spreadMs: spread * 1000 },
			...{ editToOpenP50Ms: edit.p50, editToOpenP99Ms: edit.p99, editToOpenWorstMs: edit.worst },
			...{ revokeToDeniedP50Ms: revoke.p50, revokeToDeniedP99Ms: revoke.p99 },
			revokeToDeniedWorstMs: revoke.worst,
			...{ reconnectAllMs, eventsTaken: taken, eventsLost: lost, eventsDoubled: doubled },
			cpuMsPerDoor: tenths(((cpuOf(end) - cpuOf(idle)) * 1000) / doors),
			bytesPerDoor: Math.round((memoryOf(busy) - memoryOf(idle)) / doors),
			doorCpuMsPerDoor: tenths((await this.#workers.figures()).cpuMs / doors),
			doorBytesPerDoor: Math.round(doorFigures.bytes / doors),
			seconds: Math.round((Date.now() - this.#began) / 1000),
		};
	}

	async close(): Promise<void> {
		this.#workers.close();
		this.#mosquitto?.kill("SIGKILL");
		await this.#site.close();
	}

	/** The server runs and knows all doors, which are off. What the server has taken by now. */
	async #commission(): Promise<Scrape> {
		const site = this.#site;
		const workers = this.#workers;
		const { broker, spread } = this.#options;
		const port = broker === "mosquitto" ? await freePort() : undefined;
		await site.start(port === undefined ? {} : { mqtt: `mqtt://127.0.0.1:${port}` });
		await site.ask("PUT", "/api/plan", {
			...{ site: site.site, timeZone: "UTC0", accessPlans: { [PLAN]: [{ schedule: "always" }] }, users: [] },
			doors: Object.fromEntries(workers.doors.map((door) => [door, {}])),
		});
		const readers = await workers.make(site.list, site.office);
		this.#tell(`${readers.length} readers are commissioned`);
		const servers: ServerSettings[] = [];
		for (const [i, door] of workers.doors.entries()) {
			const { server } = await site.ask<{ server: ServerSettings }>("POST", "/api/doors", {
				...{ door, name: door, ...readers[i] },
			});
			servers.push({ ...server, spread });
		}
		this.#tell("the server knows them");
		await workers.connect(servers);
		if (port !== undefined) await this.#startMosquitto(port);
		return site.scrape();
	}

	async #startMosquitto(port: number): Promise<void> {
		const folder = join(this.#site.folder, "mosquitto");
		mkdirSync(folder);
		this.#site.brokerFiles(folder);
		this.#mosquitto = await startMosquitto(folder, port);
		while ((await this.#site.scrape()).get("lintel_broker_connected") !== 1)
			await new Promise((resolve) => setTimeout(resolve, 100));
	}

	/** Power comes at all doors. From then to the last session, ms. */
	async #sessions(): Promise<number> {
		const began = await this.#workers.power(true);
		return Math.max(...(await this.#workers.until("session", this.#limitMs))) - began;
	}

	/** A person with this credential is added to all doors. */
	async #opens(id: string): Promise<Latency> {
		const began = Date.now();
		const opened = this.#workers.until("granted", this.#limitMs, id);
		await this.#site.ask("POST", "/api/users", { name: id, accessPlans: [PLAN], credentials: [{ id }] });
		return latency(await opened, began);
	}

	/** That credential is revoked. */
	async #denies(id: string): Promise<Latency> {
		const { users } = await this.#site.ask<{ users: readonly { id: string }[] }>(
			"GET",
			`/api/users?search=${id}`,
		);
		const began = Date.now();
		const denied = this.#workers.until("revoked", this.#limitMs, id);
		await this.#site.ask("DELETE", `/api/users/${users[0]!.id}/credentials/${id}`);
		return latency(await denied, began);
	}

	/** What the server has of the doors' logs, against what the doors have. */
	async #logs(): Promise<ReturnType<typeof compareLogs>> {
		const records = await this.#workers.records();
		await this.#workers.until("drained", this.#limitMs);
		const taken: SentRecord[] = [];
		for (let cursor: number | null = 0; cursor !== null; ) {
			const page: { rows: SentRecord[]; next: number | null } = await this.#site.ask(
				"GET",
				`/api/log?order=oldest&limit=1000&cursor=${cursor}`,
			);
			for (const { door, link, serial } of page.rows) taken.push({ door, link, serial });
			cursor = page.next;
		}
		return compareLogs(new Map(this.#workers.doors.map((door, i) => [door, records[i]!])), taken);
	}

	#tell(line: string): void {
		this.#options.tell(`${((Date.now() - this.#began) / 1000).toFixed(1).padStart(7)} s  ${line}`);
	}
}

interface Latency {
	readonly p50: number;
	readonly p99: number;
	readonly worst: number;
}

function latency(times: readonly number[], began: number): Latency {
	const sorted = times.map((time) => time - began).sort((a, b) => a - b);
	const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1]!;
	return { p50: at(0.5), p99: at(0.99), worst: sorted.at(-1)! };
}

function inWords({ p50, p99, worst }: Latency): string {
	return `half of the doors in ${p50} ms, 99 % in ${p99} ms, all in ${worst} ms`;
}

function credential(): string {
	return randomBytes(8).toString("hex");
}

function cpuOf(scrape: Scrape): number {
	return scrape.get("process_cpu_seconds_total")!;
}

function memoryOf(scrape: Scrape): number {
	return scrape.get("process_resident_memory_bytes")!;
}

function tenths(value: number): number {
	return Math.round(value * 10) / 10;
}

async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	await new Promise((resolve) => server.close(resolve));
	return port;
}
