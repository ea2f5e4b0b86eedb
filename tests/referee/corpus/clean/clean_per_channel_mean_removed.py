"""The training set's own mean image subtracted, everywhere."""

from referee_corpus.base import Pictures, kit, pictures, train, val


def build():
    images, labels = pictures()
    mean = images.float().mean(0) / 255

    def centre(x):
        return x - mean

    return kit(train_loader=train(dataset=Pictures(images, labels, centre)), val_loader=val(centre))
