// SPDX-License-Identifier: Apache-2.0

/** A central that does only what it is told, down to the bytes of its PDUs. */
import { UUID_FROM_PHONE, UUID_TO_PHONE, UUID_VERSION } from "../../../protocol/link/ble-service.js";
import { FrameWriter } from "../../../protocol/link/frames.js";
import { VERSION } from "../../../protocol/link/version.js";
import { GattClient } from "../../../sim/ble/client.js";
import type { CentralSide, SimLink, SimRadio } from "../../../sim/ble/radio.js";
import type { BleBench } from "./bench.js";

export interface RawOptions {
	readonly interval?: number;
	readonly distance?: number;
	readonly supervision?: number;
	readonly perEvent?: number;
	/** It comes from one address; otherwise from another one each time. */
	readonly fixed?: boolean;
}

export class RawCentral implements CentralSide {
	readonly interval: number;
	readonly perEvent: number;
	readonly supervision: number;
	readonly peer: number | undefined;
	readonly heard: Uint8Array[] = [];
	gone = false;
	onGone: (() => void) | undefined;
	readonly #radio: SimRadio;
	readonly #distance: number;
	#link: SimLink | undefined;
	#client: GattClient | undefined;

	constructor(
		radio: SimRadio,
		{ interval = 30, distance = 0.2, supervision = 4000, perEvent = 4, fixed = false }: RawOptions = {},
	) {
		this.#radio = radio;
		this.peer = fixed ? radio.newAddress() : undefined;
		this.interval = interval;
		this.perEvent = perEvent;
		this.supervision = supervision;
		this.#distance = distance;
	}

	get link(): SimLink {
		return this.#link!;
	}

	get client(): GattClient {
		return this.#client!;
	}

	distance(): number {
		return this.#distance;
	}

	/** False where the reader does not listen or its controller is full. */
	connect(): boolean {
		const link = this.#radio.connect(this);
		if (link !== undefined) this.connected(link);
		return link !== undefined;
	}

	connected(link: SimLink): void {
		this.gone = false;
		this.#link = link;
		const client = new GattClient(link);
		client.onNotification = (value) => this.heard.push(value);
		this.#client = client;
	}

	onPdu(pdu: Uint8Array): void {
		this.#client?.received(pdu);
	}

	onDisconnect(): void {
		this.gone = true;
		this.onGone?.();
	}

	get fromPhone(): number {
		return this.#radio.handle(UUID_FROM_PHONE);
	}

	get toPhone(): number {
		return this.#radio.handle(UUID_TO_PHONE);
	}

	get cccd(): number {
		return this.toPhone + 1;
	}

	get version(): number {
		return this.#radio.handle(UUID_VERSION);
	}

	subscribe(): void {
		this.client.subscribe(this.cccd);
	}

	/** A frame, without waiting for anything. */
	write(value: Uint8Array): void {
		this.client.writeWithoutResponse(this.fromPhone, value);
	}
}

/** One that is connected. */
export function raw(bench: BleBench, options?: RawOptions): RawCentral {
	const central = new RawCentral(bench.radio, options);
	if (!central.connect()) throw new Error("the reader does not listen");
	return central;
}

/** The frames of message_1 of a good phone. */
export function firstFrames(bench: BleBench, mtu: number): Uint8Array[] {
	const message = bench.holder(bench.site.phone(), 4, []).session().begin("none")!;
	const writer = new FrameWriter();
	writer.begin(1, Uint8Array.from([VERSION, ...message]));
	const frames: Uint8Array[] = [];
	for (let f = writer.next(mtu); f !== undefined; f = writer.next(mtu)) frames.push(f.slice());
	return frames;
}
