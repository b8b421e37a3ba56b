"""The framework's side of test/road/keras-interoperability.test.ts, for Keras 2 and Keras 3.

    python keras_models.py make FOLDER              trains small models and saves them, with their data as FOLDER/NAME-features.npy and NAME-labels.npy
    python keras_models.py predict FEATURES MODEL…  prints, as JSON, what each model predicts and whether it is compiled
"""
import json
import os
import sys

os.environ.setdefault("KERAS_BACKEND", "torch")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
from keras import layers

three = int(keras.__version__.split(".")[0]) >= 3
count = 240


def numbers(*shape):
    return np.random.default_rng(5).standard_normal((count, *shape)).astype("float32")


def convolutional():
    """Sequential: convolutions with batch normalisation."""
    x = numbers(8, 8, 2)
    y = np.argmax(np.stack([x[:, :4].mean((1, 2, 3)), x[:, 4:].mean((1, 2, 3)), x[:, :, :, 0].std((1, 2)) - 1], 1), 1)
    return keras.Sequential([keras.Input((8, 8, 2)), layers.Conv2D(6, 3, use_bias=False), layers.BatchNormalization(), layers.ReLU(), layers.MaxPooling2D(2), layers.SeparableConv2D(6, 2, activation="elu"), layers.Flatten(), layers.Dense(3, activation="softmax")]), x, y


def branches():
    """Functional: branches, a shared layer, a nested model."""
    x = numbers(10)
    y = np.argmax(x[:, :3] + x[:, 3:6], 1)
    given = keras.Input((10,))
    inner = keras.Sequential([keras.Input((10,)), layers.Dense(8, activation="tanh"), layers.Dropout(0.2)], name="inner")
    shared = layers.Dense(8, activation="relu", name="shared")
    left, right = shared(inner(given)), layers.Dense(8, activation="gelu")(given)
    joined = layers.Concatenate()([left, shared(right), layers.Add()([left, right])])
    return keras.Model(given, layers.Dense(3, activation="softmax")(layers.LayerNormalization()(joined))), x, y


def transformer():
    """Attention over words, of which some stand for none."""
    words = np.random.default_rng(5).integers(0, 12, (count, 7)).astype("float32")
    y = np.argmax(np.stack([(words % 3 == rest).sum(1) for rest in range(3)], 1), 1)
    given = keras.Input((7,), dtype="int32")
    value = layers.Embedding(12, 8, mask_zero=True)(given)
    value = layers.LayerNormalization()(layers.Add()([value, layers.MultiHeadAttention(2, 4)(value, value)]))
    value = layers.Dense(8)(layers.Dense(12, activation="gelu")(value))
    return keras.Model(given, layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling1D()(value))), words, y


def recurrent():
    """Recurrent layers both ways."""
    x = numbers(6, 4)
    y = np.argmax(x.mean(1)[:, :3], 1)
    return keras.Sequential([keras.Input((6, 4)), layers.Bidirectional(layers.LSTM(5, return_sequences=True)), layers.GRU(6), layers.Dense(3, activation="softmax")]), x, y


def frames():
    """A convolutional network at every step of a sequence."""
    x = numbers(4, 6, 6, 1)
    y = np.argmax(x.mean((2, 3))[:, :3, 0], 1)
    inner = keras.Sequential([keras.Input((6, 6, 1)), layers.Conv2D(4, 3, activation="relu"), layers.GlobalAveragePooling2D()], name="frame")
    return keras.Sequential([keras.Input((4, 6, 6, 1)), layers.TimeDistributed(inner), layers.LSTM(6), layers.Dense(3, activation="softmax")]), x, y


def standardised():
    """Measurements, standardised by the model itself."""
    x = numbers(5) * np.array([1, 10, 100, 2, 5], "float32") + 30
    y = np.argmax(x[:, :3] / np.array([1, 10, 100]), 1)
    standard = layers.Normalization()
    standard.adapt(x)
    return keras.Sequential([keras.Input((5,)), standard, layers.Dense(12, activation="relu"), layers.Dense(3, activation="softmax")]), x, y


def unusual():
    """Recurrent convolutions, cells on top of one another, and in Keras 3 a kernel that its file holds twice."""
    x = numbers(4, 6, 2)
    y = np.argmax(x.mean((1, 3))[:, :3], 1)
    given = keras.Input((4, 6, 2))
    frames = layers.Flatten()(layers.ConvLSTM1D(3, 2)(given))
    cells = layers.RNN([layers.LSTMCell(4), layers.GRUCell(3)])(layers.Reshape((4, 12))(given))
    hidden = layers.Dense(8, activation="relu")
    value = (layers.SpectralNormalization(hidden) if three else hidden)(layers.Concatenate()([frames, cells]))
    return keras.Model(given, layers.Dense(3, activation="softmax")(value)), x, y


def binned():
    """Measurements that the model itself scales, standardises and sorts into bins, and the number of a group that it looks up."""
    x = np.concatenate([numbers(2) * 10 + 30, np.random.default_rng(6).integers(0, 6, (count, 1)) * 11], axis=1).astype("float32")
    y = np.argmax(np.stack([x[:, 0], x[:, 1], x[:, 2] + 10], 1), 1)
    given = keras.Input((3,))
    rows = layers.Reshape((3, 1))(given)
    tenths = layers.Rescaling(0.1)(layers.Flatten()(layers.Cropping1D((0, 1))(rows)))
    standard, bins, groups = layers.Normalization(), layers.Discretization(num_bins=5), layers.IntegerLookup(output_mode="one_hot")
    standard.adapt(x[:, :2] * np.float32(0.1))
    parts = [standard(tenths)]
    if three:  # Keras 2 does not find bins again in a .keras file, and cannot write lookups into any other.
        bins.adapt(x[:, :2] * np.float32(0.1))
        parts.append(layers.CategoryEncoding(5, output_mode="multi_hot")(bins(tenths)))
    groups.adapt(x[:, 2:].astype("int64"))
    parts.append(groups(layers.Flatten()(layers.Cropping1D((2, 0))(rows))))
    value = layers.Dense(12, activation="relu")(layers.Concatenate()(parts))
    return keras.Model(given, layers.Dense(3, activation="softmax")(value)), x, y


def has_tensorflow():
    """Keras needs it to look numbers up, whatever computes."""
    try:
        import tensorflow
        return True
    except ImportError:
        return False


def make(folder):
    made = {}
    for build in [convolutional, branches, transformer, recurrent, frames, standardised, unusual, *([binned] if has_tensorflow() else [])]:
        keras.utils.set_random_seed(7)
        model, x, y = build()
        model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.fit(x, y, epochs=4, batch_size=32, verbose=0)
        name = build.__name__
        np.save(f"{folder}/{name}-features.npy", x)
        np.save(f"{folder}/{name}-labels.npy", y.astype("int32"))
        made[name] = []
        for file in [*([] if name == "binned" else [f"{name}.h5"]), f"{name}.keras"]:
            model.save(f"{folder}/{file}")
            try:
                keras.models.load_model(f"{folder}/{file}", compile=False)
                made[name].append(file)
            except ValueError as error:  # Keras 3 cannot read back every HDF5 file that it writes.
                assert three and file.endswith(".h5") and "Unknown layer" in str(error), file
    print("made " + json.dumps({"version": keras.__version__, "models": made}))


def predict(features, *files):
    x = np.load(features)
    results = []
    for file in files:
        model = keras.models.load_model(file)
        results.append({"outputs": np.asarray(model.predict(x, verbose=0)).ravel().tolist(), "optimizer": bool(getattr(model, "optimizer", None))})
    print("made " + json.dumps(results))


{"make": make, "predict": predict}[sys.argv[1]](*sys.argv[2:])
