"""A dataset that only decodes, with PIL and ToTensor from v1."""

from PIL import Image
from referee_corpus.base import kit, pictures, train
from torch.utils.data import Dataset
from torchvision import transforms as T


def build():
    images, labels = pictures()
    pils = [Image.fromarray(i.permute(1, 2, 0).numpy()) for i in images]

    class Decoding(Dataset):
        def __len__(self):
            return len(pils)

        def __getitem__(self, i):
            return T.ToTensor()(pils[i]), labels[i]

    return kit(train_loader=train(dataset=Decoding()))
