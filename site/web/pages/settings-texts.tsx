// SPDX-License-Identifier: Apache-2.0

import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { del, get, post, put } from "../api.js";
import { Act, Choice, Field, Form } from "../parts/form.js";
import { Loaded, useLoaded } from "../parts/loaded.js";
import { say } from "../parts/notice.js";
import { settingsWords } from "../words/settings.js";
import { count, LANGUAGES, type Language } from "../words.js";

const OCCASIONS = ["invitation", "replacement", "pass"] as const;
type Occasion = (typeof OCCASIONS)[number];

interface MessageText {
	readonly subject: string;
	readonly mail: string;
	readonly sms: string;
}
type Texts = Readonly<Record<Language, Readonly<Record<Occasion, MessageText>>>>;

interface TextsView {
	readonly language: Language;
	readonly perHour: number;
	readonly values: readonly string[];
	readonly texts: Texts;
	readonly defaults: Texts;
}

interface Preview {
	readonly subject: string;
	readonly text: string;
	readonly sms: string;
	readonly smsParts: number;
}

const PATH = "/api/settings/texts";
const ALL_LANGUAGES = Object.entries(LANGUAGES) as [Language, string][];

/** What messages say, in which language, and how many go out. */
export function TextsSection(): JSX.Element {
	const t = settingsWords();
	const texts = useLoaded(PATH, () => get<TextsView>(PATH));
	const language = useSignal<Language | undefined>(undefined);
	const occasion = useSignal<Occasion>("invitation");
	return (
		<section aria-labelledby="texts">
			<h2 id="texts">{t.texts}</h2>
			<Loaded of={texts}>
				{(view) => {
					const of = language.value ?? view.language;
					return (
						<>
							<Pace view={view} again={texts.again} />
							<h3>{t.wording}</h3>
							<Choice
								label={t.textLanguage}
								value={of}
								options={ALL_LANGUAGES}
								onChange={(value) => {
									language.value = value;
								}}
							/>
							<Choice
								label={t.occasion}
								value={occasion.value}
								options={OCCASIONS.map((one) => [one, t.occasions[one]] as const)}
								onChange={(value) => {
									occasion.value = value;
								}}
							/>
							<TextForm
								key={`${of}/${occasion.value}/${JSON.stringify(view.texts[of][occasion.value])}`}
								of={`${of}/${occasion.value}`}
								values={view.values}
								text={view.texts[of][occasion.value]}
								standard={view.defaults[of][occasion.value]}
								again={texts.again}
							/>
						</>
					);
				}}
			</Loaded>
		</section>
	);
}

function Pace({ view, again }: { view: TextsView; again: () => Promise<void> }): JSX.Element {
	const t = settingsWords();
	const language = useSignal(view.language);
	const perHour = useSignal(String(view.perHour));
	const save = async (): Promise<void> => {
		await put("/api/settings/messages", { language: language.value, perHour: Number(perHour.value) });
		say(t.saved);
		await again();
	};
	return (
		<Form act={t.save} onSubmit={save}>
			<Choice
				label={t.messageLanguage}
				value={language.value}
				options={ALL_LANGUAGES}
				onChange={(value) => {
					language.value = value;
				}}
			/>
			<Field
				label={t.perHour}
				hint={t.perHourHint}
				type="number"
				min={1}
				max={100_000}
				required
				value={perHour.value}
				onInput={(value) => {
					perHour.value = value;
				}}
			/>
		</Form>
	);
}

function TextForm({
	of,
	values,
	text,
	standard,
	again,
}: {
	/** As `de/invitation`. */
	of: string;
	values: readonly string[];
	text: MessageText;
	standard: MessageText;
	again: () => Promise<void>;
}): JSX.Element {
	const t = settingsWords();
	const subject = useSignal(text.subject);
	const mail = useSignal(text.mail);
	const sms = useSignal(text.sms);
	const preview = useSignal<Preview | undefined>(undefined);
	const now = (): MessageText => ({ subject: subject.value, mail: mail.value, sms: sms.value });
	const save = async (): Promise<void> => {
		await put(`${PATH}/${of}`, now());
		say(t.saved);
		await again();
	};
	const show = async (): Promise<void> => {
		preview.value = await post<Preview>(`${PATH}/${of}/preview`, now());
	};
	const reset = async (): Promise<void> => {
		await del(`${PATH}/${of}`);
		say(t.saved);
		await again();
	};
	const isOwn = JSON.stringify(text) !== JSON.stringify(standard);
	return (
		<>
			<p class="hint">{t.valuesHint(values.map((value) => `{${value}}`).join(", "))}</p>
			<Form act={t.save} onSubmit={save}>
				<Field
					label={t.subject}
					required
					maxLength={200}
					value={subject.value}
					onInput={(value) => {
						subject.value = value;
					}}
				/>
				<Area
					label={t.mailBody}
					rows={10}
					maxLength={5000}
					value={mail.value}
					onInput={(value) => {
						mail.value = value;
					}}
				/>
				<Area
					label={t.smsBody}
					rows={3}
					maxLength={480}
					value={sms.value}
					onInput={(value) => {
						sms.value = value;
					}}
				/>
			</Form>
			<Act kind="plain" label={t.preview} onAct={show} />
			{isOwn && <Act kind="plain" label={t.reset} onAct={reset} />}
			<div role="status">{preview.value !== undefined && <PreviewView of={preview.value} />}</div>
		</>
	);
}

function PreviewView({ of: { sms, smsParts, subject, text } }: { of: Preview }): JSX.Element {
	const t = settingsWords();
	return (
		<div class="preview">
			<h4>{t.mail}</h4>
			<p>
				<strong>{subject}</strong>
			</p>
			<p class="lines">{text}</p>
			<h4>{t.sms}</h4>
			<p class="lines">{sms}</p>
			<p class="hint">{count(smsParts, t.smsParts)}</p>
		</div>
	);
}

function Area({
	label,
	value,
	rows,
	maxLength,
	onInput,
}: {
	label: string;
	value: string;
	rows: number;
	maxLength: number;
	onInput: (value: string) => void;
}): JSX.Element {
	const id = useId();
	return (
		<div class="field">
			<label for={id}>{label}</label>
			<textarea
				id={id}
				required
				rows={rows}
				maxLength={maxLength}
				value={value}
				onInput={(event) => onInput(event.currentTarget.value)}
			/>
		</div>
	);
}
