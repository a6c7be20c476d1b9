// SPDX-License-Identifier: Apache-2.0

import type { Datagram, Network, UDP } from "../../hal/contracts/network.js";
import type { Alarm, Clock } from "../../hal/contracts/time.js";
import type { Wifi } from "../../hal/contracts/wifi.js";
import type { Random } from "../../protocol/crypto.js";
import { NONCE_SIZE, readSntpAnswer, SNTP_PORT, SNTP_SIZE, writeSntpRequest } from "./sntp.js";

export interface SntpClientOptions {
	readonly clock: Clock;
	readonly network: Network;
	readonly random: Random;
	/** The time server, a name or an address. */
	readonly server: string;
	/** Absent: 123. */
	readonly port?: number;
	readonly wifi: Pick<Wifi, "joined">;
	/** A server's time, seconds since 1970: nothing vouches for it. */
	readonly onTime: (seconds: number) => void;
	readonly trace: (text: string) => void;
}

/** How often a reader that is not in its network looks whether it is, ms. */
export const LOOK_MS = 5000;
/** An answer takes a second at the most: a later one is off by as much, ms. The name's address may take longer. */
export const ANSWER_MS = 2000;
export const RESOLVE_MS = 10_000;
/** After an answer, and at first after none, which doubles up to the former, ms (RFC 4330, clause 10: 15 s at the least). */
export const AGAIN_MS = 4 * 3_600_000;
export const RETRY_MS = 64_000;
/** A server that denies service is left alone, ms. */
export const DENIED_MS = 24 * 3_600_000;
/** Datagrams that are looked at for one question: a flood of others ends it. */
const MAX_DATAGRAMS = 8;

/** Asks a time server once the station has joined, and now and again from then on. One question at a time, each with a limit. */
export class SntpClient {
	private readonly options: SntpClientOptions;
	private readonly alarm: Alarm;
	private readonly nonce = new Uint8Array(NONCE_SIZE);
	private socket: UDP | undefined;
	/** Absent while nothing is asked. */
	private address: string | undefined;
	private asking = false;
	/** Of questions: the address of an earlier one comes too late. */
	private question = 0;
	private left = 0;
	private wait = RETRY_MS;

	constructor(options: SntpClientOptions) {
		this.options = options;
		this.alarm = options.clock.alarm(() => this.due());
		this.alarm.set(0);
	}

	private due(): void {
		if (this.asking) this.failed("no answer");
		else if (this.options.wifi.joined) this.ask();
		else this.alarm.set(LOOK_MS);
	}

	private ask(): void {
		const { network, server } = this.options;
		const question = ++this.question;
		this.asking = true;
		this.alarm.set(RESOLVE_MS);
		try {
			network.resolve(server, (address) => {
				if (!this.asking || question !== this.question) return;
				if (address === undefined) this.failed("its name has no address");
				else this.send(address);
			});
		} catch (error) {
			this.failed((error as Error).message);
		}
	}

	private send(address: string): void {
		const { network, port = SNTP_PORT, random } = this.options;
		random.fill(this.nonce);
		const request = new Uint8Array(SNTP_SIZE);
		writeSntpRequest(request, this.nonce);
		this.address = address;
		this.left = MAX_DATAGRAMS;
		this.alarm.set(ANSWER_MS);
		try {
			// One socket a question: each has a port of its own, which a forger has to guess as well.
			this.socket = network.udp(() => this.readable());
			this.socket.write(request, address, port);
		} catch (error) {
			this.failed((error as Error).message);
		}
	}

	private readable(): void {
		for (let packet = this.socket?.read(); packet !== undefined; packet = this.socket?.read()) {
			if (--this.left < 0) {
				this.failed("too many answers");
				return;
			}
			if (this.take(packet)) return;
		}
	}

	/** Whether the question is over. */
	private take(packet: Datagram): boolean {
		const { onTime, port = SNTP_PORT } = this.options;
		if (packet.address !== this.address || packet.port !== port) return false;
		const answer = readSntpAnswer(new Uint8Array(packet), this.nonce);
		if (answer === "malformed" || answer === "not-asked") return false;
		if (typeof answer !== "number") {
			if (answer === "rate") this.wait = AGAIN_MS;
			this.failed(answer, answer === "denied" ? DENIED_MS : this.wait);
			return true;
		}
		this.end(AGAIN_MS);
		this.wait = RETRY_MS;
		onTime(answer);
		return true;
	}

	private failed(why: string, wait = this.wait): void {
		this.options.trace(`time server: ${why}`);
		this.wait = Math.min(2 * this.wait, AGAIN_MS);
		this.end(wait);
	}

	private end(wait: number): void {
		this.asking = false;
		this.address = undefined;
		this.socket?.close();
		this.socket = undefined;
		this.alarm.set(wait);
	}
}
