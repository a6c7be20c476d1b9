// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { Present } from "../../scene/visitors.js";
import type { Client } from "../client.js";
import { Device } from "./device.js";
import { beginDrag } from "./drag.js";
import { VISITORS, type Who } from "./visitors.js";

type Way = Present["by"];

const WAYS: readonly { readonly way: Way; readonly name: string }[] = [
	{ way: "nfc", name: "NFC" },
	{ way: "ble", name: "Bluetooth" },
	{ way: "qr", name: "QR code" },
];

/** Phones and cards to drag to the reader, or to press. */
export function Deck({ client }: { client: Client }): JSX.Element {
	const way = useSignal<Way>("nfc");
	return (
		<section class="deck" aria-labelledby="deck-title">
			<div class="deck-head">
				<h2 id="deck-title">Who comes</h2>
				<fieldset class="segments" aria-label="How">
					{WAYS.map(({ name, way: one }) => (
						<button
							key={one}
							type="button"
							aria-pressed={way.value === one}
							onClick={() => {
								way.value = one;
							}}
						>
							{name}
						</button>
					))}
				</fieldset>
			</div>
			<ul class="devices">
				{VISITORS.map((visitor) => (
					<li key={visitor.who}>
						<Visitor client={client} visitor={visitor} way={way.value} />
						<Key name={keyOf(client, visitor.who)} />
					</li>
				))}
				<li>
					<Two client={client} />
					<Key name={twoKey(client)} />
				</li>
			</ul>
			{way.value === "ble" && <Distance client={client} />}
		</section>
	);
}

function Visitor({
	client,
	visitor: { isCard = false, name, note, who },
	way,
}: {
	client: Client;
	visitor: (typeof VISITORS)[number];
	way: Way;
}): JSX.Element {
	const come = (): void => {
		if (isCard) client.act("card", { kind: who });
		else client.act("tap", { who, by: way });
	};
	return (
		<button
			type="button"
			class="visitor-card"
			aria-keyshortcuts={keyOf(client, who)}
			onClick={come}
			onPointerDown={(event) => beginDrag(event, event.currentTarget, come)}
		>
			<Device who={who} by={isCard ? "nfc" : way} />
			<span class="name">{name}</span> <span class="note">{note}</span>
		</button>
	);
}

/** Two phones, one on the other. */
function Two({ client }: { client: Client }): JSX.Element {
	const come = (): void => client.act("stack");
	return (
		<button
			type="button"
			class="visitor-card two"
			aria-keyshortcuts={twoKey(client)}
			onClick={come}
			onPointerDown={(event) => beginDrag(event, event.currentTarget, come)}
		>
			<span class="pair">
				<Device who="stranger" />
				<Device who="valid" />
			</span>
			<span class="name">Two</span> <span class="note">at once</span>
		</button>
	);
}

function Key({ name }: { name: string | undefined }): JSX.Element | null {
	return name === undefined ? null : <kbd>{name}</kbd>;
}

function twoKey(client: Client): string | undefined {
	return client.acts.value.find(({ name }) => name === "stack")?.keys?.[0]?.key;
}

/** The key that does the same over NFC. */
function keyOf(client: Client, who: Who): string | undefined {
	for (const { keys = [], name, parameters } of client.acts.value) {
		if (name !== "tap" && name !== "card") continue;
		const [first] = parameters;
		for (const { key, values = {} } of keys)
			if ((values[first!.name] ?? first!.default) === who && values.by === undefined) return key;
	}
	return undefined;
}

/** Of a phone with Bluetooth, which walks about. */
function Distance({ client }: { client: Client }): JSX.Element {
	const who = useSignal<Who>("valid");
	/** As the slider has it: a tenth more of it is a quarter more of the way, as signal strength falls. */
	const place = useSignal(60);
	const cm = cmOf(place.value);
	const near = client.state.value?.present.find((one) => one.by === "ble" && one.who === who.value);
	return (
		<div class="distance">
			<label for="distance-who">
				<span>Phone</span>
				<select
					id="distance-who"
					value={who.value}
					onChange={({ currentTarget }) => {
						who.value = currentTarget.value as Who;
					}}
				>
					{VISITORS.filter(({ isCard }) => !isCard).map(({ name, who }) => (
						<option key={who} value={who}>
							{name}
						</option>
					))}
				</select>
			</label>
			<label for="distance-cm">
				<span>Distance {cm < 100 ? `${cm} cm` : `${(cm / 100).toFixed(1)} m`}</span>
				<input
					id="distance-cm"
					type="range"
					min="0"
					max="100"
					value={place.value}
					aria-valuetext={`${cm} cm`}
					onInput={({ currentTarget }) => {
						place.value = Number(currentTarget.value);
					}}
					onChange={({ currentTarget }) =>
						client.act("near", { who: who.value, distance: cmOf(Number(currentTarget.value)) })
					}
				/>
			</label>
			<button
				type="button"
				disabled={near === undefined}
				onClick={() => client.act("away", { who: who.value })}
			>
				Take it away
			</button>
		</div>
	);
}

/** 5 cm at 0, 15 m at 100. */
function cmOf(place: number): number {
	return Math.round(5 * 300 ** (place / 100));
}
