// SPDX-License-Identifier: Apache-2.0

import { effect } from "@preact/signals";
import { render } from "preact";
import { Client } from "./client.js";
import { followKeys } from "./keys.js";
import { Shell } from "./shell.js";
import { SocketPort } from "./socket-port.js";
import { playSound } from "./stage/sound.js";
import { Story } from "./stage/story.js";
import { WorkerPort } from "./worker-port.js";

const { worker } = document.querySelector<HTMLScriptElement>("script[data-worker]")!.dataset;
// The server of a world that runs elsewhere names it so.
const isLive = new URLSearchParams(location.search).has("live");
const client = new Client(
	isLive
		? new SocketPort(new URL("scene", document.baseURI).href.replace(/^http/, "ws"))
		: new WorkerPort(new URL(worker!, document.baseURI).href),
);
const story = new Story(client);
followKeys(client, () => story.interrupt());
addEventListener("pointerdown", () => story.interrupt());
playSound(client);

function begin(): void {
	client.start(location.hash.slice(1));
}

addEventListener("hashchange", begin);
begin();
if (location.hash === "") {
	const stop = effect(() => {
		if (client.state.value === undefined) return;
		queueMicrotask(() => stop());
		story.play();
	});
}
render(<Shell client={client} story={story} />, document.body);
