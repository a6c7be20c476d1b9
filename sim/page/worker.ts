// SPDX-License-Identifier: Apache-2.0

/** The scene at the pace of the page's clock, in a module Worker: firmware, world and crypto are here, and nothing of the page. */
import { NobleCrypto } from "../../hal/crypto/js/noble.js";
import { RealTime } from "../realtime.js";
import { World } from "../world.js";
import type { News, Pace, SceneState, Told, ToScene } from "./messages.js";

/** From one message to the page to the next, ms. */
const NEWS_MS = 1000 / 30;

const crypto = new NobleCrypto();
let world: World | undefined;
let real: RealTime | undefined;
let pace: Pace = 1;
let told: Told[] = [];
let sending = false;

function stateOf(world: World): SceneState {
	const { door, panel, time } = world;
	return {
		micros: time.micros,
		seconds: world.seconds,
		powered: world.device !== undefined,
		light: panel.colour,
		tone: panel.tone,
		relay: door.relay.on,
		locked: door.locked,
		open: door.open,
		exitPressed: door.exitPressed,
	};
}

function tell(text: string): void {
	told.push({ at: world!.time.micros, text });
	changed();
}

function changed(): void {
	if (sending) return;
	sending = true;
	setTimeout(send, NEWS_MS);
}

function send(more: News = {}): void {
	sending = false;
	if (world === undefined) return;
	const news: News = { state: stateOf(world), ...(told.length > 0 && { told }), ...more };
	told = [];
	self.postMessage(news);
}

function begin(): void {
	real?.stop();
	const made = new World({ crypto, server: true });
	world = made;
	made.plan.install();
	made.door.watch(changed);
	made.powerOn();
	made.settle();
	send({ begun: true });
	setPace(pace);
}

function setPace(next: Pace): void {
	pace = next;
	real?.stop();
	real = pace === 0 ? undefined : new RealTime(world!.time, pace).start();
}

function act(name: string): void {
	if (world === undefined) return;
	const { board, door, phones, time } = world;
	if (name === "tap") {
		const phone = phones.nfc("valid");
		board.field.present(phone);
		time.after(1_200_000, () => board.field.remove(phone));
		tell("a phone is held to the reader (valid)");
	} else if (name === "pull") tell(door.pull() ? "the door opens" : "the door is locked");
	else if (name === "shut") door.shut();
}

setInterval(() => world && changed(), 100);

self.onmessage = ({ data }: MessageEvent<ToScene>) => {
	if (data.kind === "start") begin();
	else if (data.kind === "pace") setPace(data.pace);
	else if (data.kind === "act") act(data.name);
	else world?.time.step();
};
