// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { patch } from "../api.js";
import { type Door, doorPath, SOUNDS, type Sounds } from "../doors.js";
import { Choice, Field, Form } from "../parts/form.js";
import { say } from "../parts/notice.js";
import { Tag } from "../parts/tag.js";
import { doorWords } from "../words/doors.js";

interface Props {
	readonly door: Door;
	readonly again: () => Promise<void>;
}

/** What a site sets at a door by itself: its name, sounds, spread, Wi-Fi. */
export function DoorSettings({ again, door }: Props): JSX.Element {
	const t = doorWords();
	return (
		<section class="card" aria-labelledby="settings">
			<h2 id="settings">{t.settings}</h2>
			<Name door={door} again={again} />
			<p class="hint">{t.settingsAbout}</p>
			{door.settings !== null && (
				<p>
					<Tag kind={door.settings.state === "refused" ? "bad" : undefined}>
						{t.settingsState[door.settings.state]}
					</Tag>{" "}
					{door.settings.reason}
				</p>
			)}
			<Given door={door} again={again} />
		</section>
	);
}

function Name({ again, door }: Props): JSX.Element {
	const t = doorWords();
	const name = useSignal(door.name);
	const rename = async (): Promise<void> => {
		await patch(`/api${doorPath(door.id)}`, { name: name.value.trim() });
		say(t.isRenamed);
		await again();
	};
	return (
		<Form act={t.save} onSubmit={rename}>
			<Field
				label={t.rename}
				value={name.value}
				maxLength={200}
				onInput={(value) => {
					name.value = value;
				}}
			/>
		</Form>
	);
}

function Given({ again, door }: Props): JSX.Element {
	const t = doorWords();
	const given = useSignal({ sounds: "" as Sounds | "", spread: "", ssid: "", password: "" });
	const set = (more: Partial<typeof given.value>): void => {
		given.value = { ...given.value, ...more };
	};
	const give = async (): Promise<void> => {
		const { password, sounds, spread, ssid } = given.value;
		await patch(`/api${doorPath(door.id)}/settings`, {
			...(sounds !== "" && { sounds }),
			...(spread !== "" && { spread: Number(spread) }),
			...(ssid !== "" && { wifi: { ssid, password } }),
		});
		given.value = { sounds: "", spread: "", ssid: "", password: "" };
		say(t.isGiven);
		await again();
	};
	const { password, sounds, spread, ssid } = given.value;
	return (
		<Form act={t.give} onSubmit={give}>
			<Choice
				label={t.sounds}
				value={sounds}
				options={["" as const, ...SOUNDS].map((one) => [one, t.soundNames[one]])}
				onChange={(value) => set({ sounds: value })}
			/>
			<Field
				label={t.spread}
				type="number"
				min={0}
				max={3600}
				value={spread}
				onInput={(value) => set({ spread: value })}
			/>
			<Field label={t.ssid} value={ssid} maxLength={32} onInput={(value) => set({ ssid: value })} />
			<Field
				label={t.password}
				hint={t.wifiHint}
				type="password"
				autocomplete="off"
				maxLength={63}
				value={password}
				onInput={(value) => set({ password: value })}
			/>
		</Form>
	);
}
