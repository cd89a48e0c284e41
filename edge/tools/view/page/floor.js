// Maps between the floor in metres (x right, y away) and fractions of the frame.
// The homography is that of edge/geometry/ground_plane.py.

const HORIZON = 0.01; // least depth that is drawn, as a fraction of the depth of a mark or of the camera's height

// settings: {camera_height, tilt, field_of_view, marks}, of which marks take precedence. aspect: height / width of the frame.
// toFrame(point) and toMetres(point): [x, y, divisor of both]; the divisor is positive in front of the camera.
export function makeFloor(settings, aspect) {
  if (!settings) return null;
  if (settings.marks?.length) {
    const seen = settings.marks.map(mark => mark.slice(0, 2));
    const metres = settings.marks.map(mark => mark.slice(2));
    return { toFrame: mapping(metres, seen), toMetres: mapping(seen, metres) };
  }
  const [sine, cosine] = [Math.sin, Math.cos].map(ratio => ratio(settings.tilt * Math.PI / 180));
  const focalLength = 0.5 / Math.tan(settings.field_of_view * Math.PI / 360);
  const height = settings.camera_height;
  return {
    toFrame([right, away]) {
      const depth = (away * cosine + height * sine) / height;
      const down = (height * cosine - away * sine) / height;
      return [0.5 * depth + focalLength * right / height, 0.5 * depth + focalLength * down / aspect, depth];
    },
    toMetres([x, y]) {
      const [right, down] = [(x - 0.5) / focalLength, (y - 0.5) * aspect / focalLength];
      return [height * right, height * (cosine - down * sine), sine + down * cosine];
    },
  };
}

// Projects a polygon, or a line (closed: false), into the frame, cut off behind the camera.
export function inFrameOf(floor, points, closed = true) {
  const mapped = points.map(floor.toFrame);
  const clipped = mapped.flatMap((point, index) => {
    const next = mapped[(index + 1) % mapped.length];
    const here = point[2] >= HORIZON ? [point] : [];
    const isEdge = closed || index < mapped.length - 1;
    return isEdge && (point[2] >= HORIZON) !== (next[2] >= HORIZON) ? [...here, atHorizon(point, next)] : here;
  });
  return clipped.map(([x, y, depth]) => [x / depth, y / depth]);
}

function atHorizon(one, other) {
  const part = (HORIZON - one[2]) / (other[2] - one[2]);
  return one.map((value, index) => value + part * (other[index] - value));
}

// Homography of four points to four others: weights of the barycentric coordinates of the first three.
function mapping(from, to) {
  const there = shares(to, to[3]);
  const weights = shares(from, from[3]).map((share, index) => there[index] / share);
  return point => {
    const parts = shares(from, point).map((share, index) => share * weights[index]);
    const sum = axis => parts.reduce((total, part, index) => total + part * (axis === null ? 1 : to[index][axis]), 0);
    return [sum(0), sum(1), sum(null)];
  };
}

function shares([one, two, three], point) {
  const whole = side(one, two, three);
  return [side(two, three, point) / whole, side(three, one, point) / whole, side(one, two, point) / whole];
}

function side(start, end, [x, y]) {
  return (end[0] - start[0]) * (y - start[1]) - (end[1] - start[1]) * (x - start[0]);
}
