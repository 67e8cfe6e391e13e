// The microphone: from a press to the next, as a file of the kind this browser makes.
const KINDS = [["audio/webm;codecs=opus", "webm"], ["audio/mp4", "m4a"], ["audio/ogg;codecs=opus", "ogg"]];
const LONGEST = 15 * 60_000;

export const canRecord = Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);

// Resolves to the functions that end it: with the File, or with nothing.
export async function record(onTick) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const [type, suffix] = KINDS.find(([kind]) => MediaRecorder.isTypeSupported(kind)) ?? ["", "webm"];
  const recorder = new MediaRecorder(stream, type ? { mimeType: type } : {});
  const parts = [];
  const began = Date.now();
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const stopped = new Promise((resolve) => { recorder.onstop = resolve; });
  recorder.start(1000);
  const ticking = setInterval(() => {
    onTick((Date.now() - began) / 1000);
    if (Date.now() - began > LONGEST) recorder.stop();
  }, 200);

  async function finish() {
    if (recorder.state !== "inactive") recorder.stop();
    await stopped;
    clearInterval(ticking);
    stream.getTracks().forEach((track) => track.stop());
    return new File(parts, `recording.${suffix}`, { type: type.split(";")[0] });
  }

  return { finish };
}
