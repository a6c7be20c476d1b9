// SPDX-License-Identifier: Apache-2.0

import { createHash, randomBytes } from "node:crypto";
import { type IPublishPacket, MqttClient } from "mqtt";
import { siteLevel } from "../../../protocol/sync/topics.js";
import { BoundedStream } from "../broker/bounded-stream.js";
import { socketTo } from "../broker/external.js";
import { askedBy, DOOR_RATE, RateLimit, SITE_RATE } from "./commands.js";
import {
	answerTopic,
	birthTopic,
	commandTopic,
	configTopic,
	discovery,
	onlineTopic,
	PAYLOADS,
	type Published,
	serverTopic,
	stateOf,
	stateTopic,
} from "./discovery.js";
import { afterRecord, type DoorState, UNKNOWN } from "./door-state.js";
import type { HomeAssistantOptions } from "./options.js";
import type { DoorRecord, Origin, SiteDoor, SiteDoors } from "./site-doors.js";

const RECONNECT_MS = 5_000;
const CONNECT_MS = 10_000;
const KEEP_ALIVE_S = 30;
const GOODBYE_MS = 2_000;
/** Discovery is said again within this time after Home Assistant has started, ms. */
const BIRTH_MS = 3_000;

/** A door as it was published last. */
interface Shown {
	state: DoorState;
	/** Records that came while older ones were looked for; `undefined`: those are here. */
	pending: DoorRecord[] | undefined;
	/** The messages that stand at the broker, by topic. */
	readonly said: Map<string, string>;
	readonly rate: RateLimit;
}

/**
 * A site's doors at a broker of the owner's choice, for Home Assistant and others. Whoever may publish there commands the doors of
 * `commanded`: that is what opting in means.
 */
export class HomeAssistant {
	/** Commands that were dropped: retained, unknown, too many, or of a door that takes none. */
	dropped = 0;
	readonly #published: Published;
	readonly #doors: SiteDoors;
	readonly #log: (line: string) => void;
	readonly #now: () => number;
	readonly #client: MqttClient;
	readonly #shown = new Map<string, Shown>();
	readonly #rate: RateLimit;
	readonly #origin: Origin;
	readonly #unwatch: () => void;
	#birth: NodeJS.Timeout | undefined;
	/** What failed last, of which was told. */
	#failure = "";

	/** `log`: a line for the server's own log. `now`: ms, monotonic. */
	constructor(
		options: HomeAssistantOptions,
		doors: SiteDoors,
		log: (line: string) => void,
		now: () => number = () => performance.now(),
	) {
		const { password, url } = options;
		this.#published = options;
		this.#doors = doors;
		this.#log = log;
		this.#now = now;
		this.#rate = new RateLimit(SITE_RATE, now());
		this.#origin = { id: originId(options.site), name: "home-assistant" };
		this.#client = new MqttClient(() => new BoundedStream(socketTo(url)), {
			...{ protocolVersion: 4, clean: true, resubscribe: false, queueQoSZero: false },
			clientId: `lintel-${siteLevel(options.site)}-${randomBytes(4).toString("hex")}`,
			...(url.username !== "" && { username: decodeURIComponent(url.username) }),
			...(password !== undefined && { password }),
			...{ reconnectPeriod: RECONNECT_MS, connectTimeout: CONNECT_MS, keepalive: KEEP_ALIVE_S },
			will: {
				topic: serverTopic(options),
				payload: Buffer.from(PAYLOADS.offline),
				qos: 1,
				retain: true,
			},
		});
		this.#client
			.on("connect", () => this.#connected())
			.on("message", (topic, payload, packet) => this.#take(topic, payload, packet))
			.on("error", (error) => this.#failed(error));
		this.#unwatch = doors.watch({
			changed: (door) => this.#changed(door),
			recorded: (door, record) => this.#recorded(door, record),
		});
	}

	get connected(): boolean {
		return this.#client.connected;
	}

	/** Says that nothing of this is known any more, and ends; a broker that does not answer is not waited for long. */
	async close(): Promise<void> {
		this.#unwatch();
		clearTimeout(this.#birth);
		if (this.#client.connected) {
			const offline = { qos: 1, retain: true } as const;
			const said = this.#client.publishAsync(serverTopic(this.#published), PAYLOADS.offline, offline);
			await Promise.race([said, after(GOODBYE_MS)]).catch((error: Error) => this.#failed(error));
		}
		await this.#client.endAsync(true);
	}

	/** Once, until there is a connection: it tries again for ever. */
	#failed({ message }: Error): void {
		if (message === this.#failure) return;
		this.#failure = message;
		this.#log(`Home Assistant's broker: ${message}`);
	}

	#connected(): void {
		this.#failure = "";
		for (const { said } of this.#shown.values()) said.clear();
		this.#client.subscribe(birthTopic(this.#published), { qos: 0 });
		this.#publish(serverTopic(this.#published), PAYLOADS.online);
		for (const { id } of this.#doors.list()) this.#changed(id);
	}

	/** At most once, never kept for later: a command that comes late is none. */
	#hear(door: string): void {
		if (this.#published.commanded.has(door))
			this.#client.subscribe(commandTopic(this.#published, door), { qos: 0 });
	}

	#changed(id: string): void {
		const door = this.#doors.list().find((one) => one.id === id);
		if (door === undefined) this.#forget(id);
		else
			this.#show(door).catch((error: unknown) => this.#log(`Home Assistant, door ${id}: ${String(error)}`));
	}

	async #show(door: SiteDoor): Promise<void> {
		const shown = this.#shown.get(door.id);
		if (shown === undefined) {
			const rate = new RateLimit(DOOR_RATE, this.#now());
			await this.#recall(door.id, { state: UNKNOWN, pending: [], said: new Map(), rate });
			// It may have changed meanwhile.
			this.#changed(door.id);
			return;
		}
		if (shown.pending !== undefined || !this.#client.connected) return;
		const { said } = shown;
		const config = configTopic(this.#published, door.id);
		const first = !said.has(config);
		if (first) this.#publish(config, JSON.stringify(discovery(this.#published, door, true)));
		this.#say(shown, config, JSON.stringify(discovery(this.#published, door)));
		if (first) this.#hear(door.id);
		this.#sayState(door.id, shown);
		this.#say(shown, onlineTopic(this.#published, door.id), door.online ? PAYLOADS.online : PAYLOADS.offline);
	}

	/** A record that is among both is harmless twice, as those that came meanwhile are the newest. */
	async #recall(id: string, shown: Shown): Promise<void> {
		this.#shown.set(id, shown);
		const recent = await this.#doors.recent(id).catch((error: unknown) => {
			this.#shown.delete(id);
			throw error;
		});
		shown.state = [...recent, ...shown.pending!].reduce(afterRecord, UNKNOWN);
		shown.pending = undefined;
	}

	#recorded(id: string, record: DoorRecord): void {
		const shown = this.#shown.get(id);
		if (shown?.pending !== undefined) shown.pending.push(record);
		if (shown === undefined || shown.pending !== undefined) return;
		shown.state = afterRecord(shown.state, record);
		if (this.#client.connected) this.#sayState(id, shown);
	}

	#sayState(id: string, shown: Shown): void {
		this.#say(shown, stateTopic(this.#published, id), JSON.stringify(stateOf(this.#published, shown.state)));
	}

	/** A door that is none any more: nothing of it stays at the broker. */
	#forget(id: string): void {
		if (!this.#shown.delete(id) || !this.#client.connected) return;
		this.#client.unsubscribe(commandTopic(this.#published, id));
		for (const topic of [configTopic, stateTopic, onlineTopic]) this.#publish(topic(this.#published, id), "");
	}

	#say({ said }: Shown, topic: string, payload: string): void {
		if (said.get(topic) === payload) return;
		said.set(topic, payload);
		this.#publish(topic, payload);
	}

	#publish(topic: string, payload: string): void {
		this.#client.publish(topic, payload, { qos: 1, retain: true });
	}

	#take(topic: string, payload: Buffer, { retain }: IPublishPacket): void {
		if (topic === birthTopic(this.#published)) {
			if (payload.toString("latin1") === PAYLOADS.online) this.#sayAgain();
			return;
		}
		const door = [...this.#published.commanded].find((id) => commandTopic(this.#published, id) === topic);
		const shown = door === undefined ? undefined : this.#shown.get(door);
		const asked = askedBy(payload);
		const now = this.#now();
		if (
			shown === undefined ||
			retain ||
			asked === undefined ||
			!shown.rate.takes(now) ||
			!this.#rate.takes(now)
		) {
			this.dropped++;
			return;
		}
		this.#doors
			.command(door!, asked, this.#origin)
			.catch((error: unknown) => {
				this.#log(`Home Assistant, door ${door}: ${String(error)}`);
				return "the server could not";
			})
			.then((refused) => {
				const answer = JSON.stringify({ command: asked, done: refused === null, refused });
				if (this.#client.connected)
					this.#client.publish(answerTopic(this.#published, door!), answer, { qos: 0 });
			});
	}

	/** Home Assistant has started, and may have missed what is retained: its documentation asks for a random delay. */
	#sayAgain(): void {
		clearTimeout(this.#birth);
		this.#birth = setTimeout(() => {
			if (this.#client.connected) this.#connected();
		}, Math.random() * BIRTH_MS);
	}
}

function after(ms: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What the doors' logs have of a command that came from there. */
export function originId(site: string): string {
	return createHash("sha256").update(`lintel:home-assistant:${site}`).digest("hex").slice(0, 16);
}
